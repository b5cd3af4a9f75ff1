"""compose.yaml: what can be checked of it without an engine."""

import json
import re
from typing import Any

import pytest
import yaml

from dipmp_lib.server.settings import Settings
from tests.support.images.dockerfile import read
from tests.support.programs.anvil import CHAIN_ID
from tests.support.repository import ROOT

DOCKERFILE = read(ROOT / "Dockerfile")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = sorted(name for name, service in SERVICES.items() if "build" in service)
KEYS = {"image", "entrypoint", "command", "ports", "healthcheck", "build", "environment", "depends_on", "restart"}
KEYS |= {"read_only", "tmpfs", "cap_drop", "security_opt"}
CONDITIONS = {"service_healthy", "service_completed_successfully"}


def test_services_have_only_keys_of_the_specification_that_are_meant() -> None:
    assert COMPOSE.keys() == {"name", "services"}
    assert {key for service in SERVICES.values() for key in service} <= KEYS
    assert {"image" in service for name, service in SERVICES.items() if name not in OURS} == {True}
    assert OURS == ["registry", "server"]


@pytest.mark.parametrize("name", OURS)
def test_our_images_are_stages_that_can_run_read_only(name: str) -> None:
    service = SERVICES[name]
    assert DOCKERFILE.stage(service["build"]["target"]).name == service["build"]["target"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    home = [word for stage in DOCKERFILE.stages for item in stage.all("ENV") for word in item.argv if "HOME=" in word]
    assert home == [f"HOME={service['tmpfs'][0]}"]


def test_other_images_have_the_versions_that_the_tests_run() -> None:
    anvil = json.loads((ROOT / "package.json").read_text())["optionalDependencies"]["@foundry-rs/anvil-linux-amd64"]
    kubo = re.search(r"github.com/ipfs/kubo (v[0-9.]+)", (ROOT / "tests" / "kubo" / "go.mod").read_text())
    assert kubo
    assert SERVICES["anvil"]["image"].partition(":")[2] == f"v{anvil}"
    assert SERVICES["kubo"]["image"].partition(":")[2] == kubo[1]


def test_every_port_is_published_on_loopback_alone() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert len(ports) == 4
    assert all(re.fullmatch(r"127\.0\.0\.1:(\d+):\1", port) for port in ports)


def test_the_server_waits_for_what_it_needs_and_that_can_tell_when_it_is_ready() -> None:
    for service in SERVICES.values():
        for name, how in service.get("depends_on", {}).items():
            assert how["condition"] in CONDITIONS
            if how["condition"] == "service_healthy":
                assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
            else:
                assert SERVICES[name]["restart"] == "no"
    assert SERVICES["server"]["depends_on"].keys() == {"anvil", "kubo", "registry"}


def test_the_servers_settings_are_valid_and_name_the_services() -> None:
    environment = SERVICES["server"]["environment"]
    settings = Settings.from_env(environment)
    hosts = {re.split(r"[/:]", str(url))[3] for url in (*settings.chains[""], *settings.gateways)}
    assert hosts == {"anvil", "kubo"}
    assert settings.files == "stream"  # a redirect to http://kubo leads nobody outside anywhere
    assert settings.chain_id == CHAIN_ID
    assert str(CHAIN_ID) in SERVICES["anvil"]["command"]


def test_the_key_is_the_well_known_one_of_anvil() -> None:
    """The key is anvil's own, so it is no secret; no other may be in the file."""
    mentioned = re.findall(r"0x[0-9a-f]{64}", (ROOT / "compose.yaml").read_text())
    assert mentioned == ["0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"]


def test_kubo_talks_to_nobody() -> None:
    assert "--offline" in SERVICES["kubo"]["command"]
