"""Opening signers, connections and publishers."""

import gc
from pathlib import Path

import pytest

from dipmp_cli.session.session import ChainConnection, collector_off, open_signer
from dipmp_cli.settings import read_layers
from dipmp_cli.settings.settings import Flags, read_chain_settings
from dipmp_lib.errors import ProjectNotFound, SignerError
from dipmp_lib.model.names import parse_project
from tests.support.fakes.node import FakeNode
from tests.support.systems.commands import ENVIRONMENT, MINE, CommandBench

ONE = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"


KEY = "4c0883a69102937d6231471b5dbb6204fe512961708279fe5b3d4b2e1f2a5c6d"


ACCOUNT = "0x9eA010156bB6bfF11956e236094F98eFfeB643fD"


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text)
    path.chmod(0o600)
    return path


@pytest.mark.parametrize("account", ["", ACCOUNT, ACCOUNT.lower(), "0x" + "11" * 20])
def test_the_prototypes_key_signs_for_its_account(tmp_path: Path, account: str) -> None:
    path = write(
        tmp_path,
        f'[chain]\naddress = "{ONE}"\nprivate_key = "0x{KEY}"\ngateway = "http://x.example"\naccount = "{account}"\n',
    )
    layers = read_layers({"DIPMP_CONFIG": str(path)}, tmp_path)
    settings = read_chain_settings(Flags(), layers, writes=True)
    assert KEY not in repr(settings)
    if account.startswith("0x11"):
        with pytest.raises(SignerError, match="not to its account"):
            open_signer(settings)
    else:
        assert open_signer(settings).address.hex() == ACCOUNT[2:].lower()


def test_a_package_is_imported_with_the_collector_off_and_only_the_first_time() -> None:
    with collector_off("a_package_that_is_not_there"):
        assert not gc.isenabled()
    assert gc.isenabled()
    with collector_off("gc"):
        assert gc.isenabled()


def test_the_collector_is_on_again_after_an_error() -> None:
    with pytest.raises(ImportError), collector_off("a_package_that_is_not_there"):
        raise ImportError
    assert gc.isenabled()


def test_each_endpoint_is_a_witness_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = {"http://one.example": FakeNode(), "http://two.example": FakeNode()}
    monkeypatch.setattr("dipmp_cli.session.session.HttpRpc", lambda url, *_, **__: nodes[url])
    nodes["http://one.example"].model.claim(MINE, 1, "demo", MINE, b"")
    environment = {**ENVIRONMENT, "ETH_GATEWAY": ",".join(nodes)}
    connection = ChainConnection(read_chain_settings(Flags(), environment, writes=False))
    first, second = connection.witnesses()
    assert first.project(connection.address, parse_project("demo")).owner == MINE
    with pytest.raises(ProjectNotFound):
        second.project(connection.address, parse_project("demo"))


def test_an_empty_registry_has_no_log(bench: CommandBench) -> None:
    connection = ChainConnection(read_chain_settings(Flags(), ENVIRONMENT, writes=False))
    page, log = connection.projects()
    assert (page.count, log) == (0, None)
    bench.claim()
    again = ChainConnection(read_chain_settings(Flags(), ENVIRONMENT, writes=False))
    page, log = again.projects()
    assert page.count == 1
    assert log is not None
    assert len(log.blobs) == 1
