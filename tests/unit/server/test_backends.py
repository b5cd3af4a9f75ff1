"""The services that a server and sync share: which the settings name, and that none is asked."""

from pathlib import Path

import pytest

from dipmp_lib.aws.objects import S3Objects
from dipmp_lib.errors import Denied, InvalidSettings
from dipmp_lib.ipfs.gateways import GatewayPool
from dipmp_lib.model.names import RegistryAddress
from dipmp_lib.server.backends import Backends, EndpointParameters
from dipmp_lib.server.large_pages import LargePages
from dipmp_lib.server.policy import Tier
from dipmp_lib.server.settings import Settings
from dipmp_lib.telemetry import SILENCE, Event
from tests.support.fakes.registry import REGISTRY
from tests.support.fakes.telemetry import RecordedTelemetry
from tests.support.files.denylists import CHAIN_ID, TARGET, write_denylist

GATEWAYS = "http://127.0.0.1:1/ipfs,http://127.0.0.1:2/ipfs"
ENV = {"ETH_GATEWAY": "http://127.0.0.1:1", "IPFS_GATEWAY": GATEWAYS, "DIPMP_CHAIN_ID": str(CHAIN_ID)}
BUCKET = {"DIPMP_BUCKET": "bucket"}
PAGES = BUCKET | {"DIPMP_PAGES_URL": "https://pages.example", "HOST_URL": "https://index.example"}


def settings(**changes: str) -> Settings:
    return Settings.from_env(ENV | changes)


def backends(**changes: str) -> Backends:
    return Backends(settings(**changes), SILENCE)


def test_each_chain_of_the_settings_can_be_read() -> None:
    chains = backends(DIPMP_RPC_ARB_SEP="http://127.0.0.1:1,http://127.0.0.1:2").chains
    assert set(chains) == {"", "arb-sep"}


@pytest.mark.parametrize(
    ("changes", "objects", "large"),
    [({}, False, False), (BUCKET, True, False), (PAGES, True, True)],
)
def test_a_bucket_holds_objects_and_with_a_url_large_pages(changes: dict[str, str], objects: bool, large: bool) -> None:
    made = backends(**changes)
    assert isinstance(made.objects, S3Objects) is objects
    assert isinstance(made.large, LargePages) is large


def test_gateways_are_those_of_the_settings_or_the_given_ones() -> None:
    made = backends()
    assert isinstance(made.gateways(), GatewayPool)
    assert made.gateways() is not made.gateways("http://127.0.0.1:1/ipfs")


def test_policy_is_that_of_the_settings(tmp_path: Path) -> None:
    path = write_denylist(tmp_path, TARGET)
    refusals = RecordedTelemetry()
    other = RegistryAddress(b"\x22" * 20)
    policy = backends(DIPMP_DENYLIST=str(path), DIPMP_PINNED=str(other)).policy(refusals)
    assert policy.tier(other) is Tier.PINNED
    with pytest.raises(Denied):
        policy.tier(REGISTRY)
    assert refusals.events == [Event.DENIED]


def test_a_list_is_read_only_for_a_policy(tmp_path: Path) -> None:
    made = backends(DIPMP_DENYLIST=str(tmp_path / "none.deny"))
    with pytest.raises(InvalidSettings, match="DIPMP_DENYLIST: "):
        made.policy()


def test_a_parameter_becomes_a_source_of_endpoints_and_a_url_stays() -> None:
    given = settings(ETH_GATEWAY="ssm:/dipmp/key,https://rpc.example", DIPMP_RPC_BASE="ssm:/dipmp/key")
    parameters = EndpointParameters(given, backends().fetcher)
    first, second = parameters.by_chain[""]
    assert callable(first)
    assert second == "https://rpc.example"
    assert callable(parameters.by_chain["base"][0])
    parameters.forget()
