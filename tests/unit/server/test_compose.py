"""Composition root of a server: settings choose the services, and nothing is asked meanwhile."""

from pathlib import Path

import pytest

from dipmp_lib.errors import InvalidSettings
from dipmp_lib.ipfs.gateways import GatewayPool
from dipmp_lib.ipfs.gateways.files import FileReader
from dipmp_lib.model.names import parse_registry
from dipmp_lib.registry import CachedRegistry
from dipmp_lib.server.app import create_app
from dipmp_lib.server.compose import build
from dipmp_lib.server.policy import Tier
from dipmp_lib.server.settings import Settings
from tests.support.fakes.registry import REGISTRY
from tests.support.files.denylists import TARGET, write_denylist
from tests.support.programs.asgi import request

GOOD = {"ETH_GATEWAY": "https://rpc.example/v3/key", "IPFS_GATEWAY": "https://gateway.example/ipfs"}


def test_build_asks_nobody() -> None:
    services = build(Settings.from_env(GOOD | {"DIPMP_RPC_base": "http://127.0.0.1:1"}))
    assert isinstance(services.registry, CachedRegistry)
    assert isinstance(services.gateways, GatewayPool)
    assert services.files is None
    assert isinstance(build(Settings.from_env(GOOD | {"DIPMP_FILES": "stream"})).files, FileReader)


LIST = f"/simple/{REGISTRY}/"


OTHER = parse_registry("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")


ENV = {"ETH_GATEWAY": "http://127.0.0.1:1", "IPFS_GATEWAY": "http://127.0.0.1:1/ipfs", "DIPMP_CHAIN_ID": "8453"}


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    return write_denylist(tmp_path, TARGET)


def test_settings_make_the_policy(listed: Path) -> None:
    pins = {"DIPMP_PINNED": f"base:{OTHER}", "DIPMP_OTHERS": "refuse", "DIPMP_DENYLIST": str(listed)}
    policy = build(Settings.from_env(ENV | pins)).policy
    assert policy.tier(OTHER) is Tier.PINNED
    assert policy.revision
    assert policy.changes
    answer = request(create_app(build(Settings.from_env(ENV | {"DIPMP_DENYLIST": str(listed)}))), LIST)
    assert answer.status == 451


def test_other_registries_have_memory_of_their_own() -> None:
    assert build(Settings.from_env(ENV)).others is None
    services = build(Settings.from_env(ENV | {"DIPMP_PINNED": str(OTHER)}))
    assert services.others not in (None, services.registry)
    assert services.policy.tier(REGISTRY) is Tier.OPEN


def test_a_list_that_is_none_is_a_problem_with_the_settings(tmp_path: Path) -> None:
    broken = tmp_path / "broken.deny"
    broken.write_text("/ipfs/x\n")
    with pytest.raises(InvalidSettings, match=r"DIPMP_DENYLIST: .*broken\.deny: it has no header"):
        build(Settings.from_env(ENV | {"DIPMP_DENYLIST": str(broken)}))
