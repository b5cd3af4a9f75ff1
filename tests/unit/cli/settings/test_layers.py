"""Layers: the environment over a project over the configuration file; every mistake at once, with its origin."""

import stat
from pathlib import Path

import pytest

from dipmp_cli.settings import read_layers
from dipmp_cli.settings.reader import SettingsReader
from dipmp_cli.settings.settings import Flags, read_publish_settings
from tests.support.files.config import NAMED, ONE, SEED, TWO, USUAL, Place


def test_a_file_alone_is_enough(place: Place) -> None:
    place.config(USUAL)
    settings = read_publish_settings(Flags(), place.layers())
    assert str(settings.chain.registry) == ONE
    assert settings.chain.rpc_urls == ("https://rpc.example/token-1", "https://other.example")
    assert (settings.chain.chain_id, settings.chain.signer) == (8453, "keystore:file")
    assert settings.storage.gateways == ("https://gateway.example/ipfs",)
    assert settings.index_url == "https://index.example/simple/x/"


def test_flags_beat_variables_and_variables_beat_the_file(place: Place) -> None:
    place.config(USUAL)
    layers = place.layers(
        {"DIPMP_SIGNER": "env:VARIABLE", "ETH_GATEWAY": "http://variable.example", "IPFS_GATEWAY": ""}
    )
    settings = read_publish_settings(Flags(rpc=["http://flag.example"]), layers)
    assert settings.chain.rpc_urls == ("http://flag.example",)
    assert settings.chain.signer == "env:VARIABLE"
    assert settings.storage.gateways == ("https://gateway.example/ipfs",), "an empty variable is none"
    assert layers.where("DIPMP_SIGNER") == "the variable DIPMP_SIGNER"
    assert layers.where("DIPMP_REGISTRY").startswith("registry in /")


def test_without_files_there_is_the_environment(tmp_path: Path) -> None:
    layers = read_layers({"DIPMP_SIGNER": "env:X"}, tmp_path)
    assert dict(layers) == {"DIPMP_SIGNER": "env:X"}
    assert not layers.problems


def test_a_named_file_has_to_exist(tmp_path: Path) -> None:
    layers = read_layers({"DIPMP_CONFIG": str(tmp_path / "none.toml")}, tmp_path)
    assert layers.problems == (f"{tmp_path / 'none.toml'} cannot be read: No such file or directory",)


def test_a_name_brings_its_settings(place: Place) -> None:
    place.config(NAMED)
    work = read_publish_settings(Flags(registry="work"), place.layers())
    assert str(work.chain.registry).lower() == f"base:{TWO}"
    assert work.chain.rpc_urls == ("https://base.example",)
    assert len(work.storage.pinners) == 2
    assert (work.chain.signer, work.chain.chain_id) == ("keystore:usual", 8453)
    play = read_publish_settings(Flags(), place.layers({"DIPMP_REGISTRY": "play"}))
    assert (str(play.chain.registry), play.chain.signer, play.chain.chain_id) == (ONE, "env:PLAY", 1337)
    assert play.chain.rpc_urls == ("https://default.example",)


def test_the_environment_stays_above_a_named_registry(place: Place) -> None:
    place.config(NAMED)
    settings = read_publish_settings(Flags(registry="play"), place.layers({"DIPMP_SIGNER": "env:CI"}))
    assert settings.chain.signer == "env:CI"


def test_chains_have_urls_of_their_own(place: Place) -> None:
    place.config(NAMED)
    assert read_publish_settings(Flags(registry=f"oeth:{TWO}"), place.layers()).chain.rpc_urls == (
        "https://op.example",
    )


def test_a_name_that_is_not_there(place: Place) -> None:
    place.config(NAMED)
    [problem] = place.problems(Flags(registry="wrok"))
    assert problem.startswith("'wrok' is not a registry address, nor one of your registries: work, play (--registry)")


def test_a_project_chooses_by_name_or_by_a_known_address(place: Place) -> None:
    place.config(NAMED)
    place.project('[tool.dipmp]\nregistry = "work"\n')
    assert read_publish_settings(Flags(), place.layers()).chain.rpc_urls == ("https://base.example",)
    place.project(f'[tool.dipmp]\nregistry = "{ONE.lower()}"\n')
    settings = read_publish_settings(Flags(), place.layers())
    assert (str(settings.chain.registry), settings.chain.signer) == (ONE, "keystore:usual")


@pytest.mark.parametrize("text", ["0x" + "66" * 20, "evil"])
def test_a_project_cannot_bring_a_registry_of_its_own(place: Place, text: str) -> None:
    place.config(USUAL)
    place.project(f'[tool.dipmp]\nregistry = "{text}"\n')
    [problem] = place.problems()
    assert text in problem
    assert "may only choose among your own registries" in problem
    assert not place.problems(Flags(registry=TWO)), "what the publisher says themselves is above it"
    assert not place.problems(environment={"DIPMP_REGISTRY": TWO})


@pytest.mark.parametrize(
    "line",
    [
        'signer = "env:STOLEN"',
        'rpc = "https://evil.example"',
        'gateways = ["https://evil.example"]',
        'pinners = "kubo:https://evil.example"',
        "chain_id = 1",
        'index_url = "https://evil.example/simple/"',
        '[tool.dipmp.registries.work]\naddress = "0x1"',
        '[tool.dipmp.chain]\nprivate_key = "x"',
    ],
)
def test_a_project_cannot_choose_where_keys_and_bytes_go(place: Place, line: str) -> None:
    place.config(NAMED)
    place.project(f"[tool.dipmp]\n{line}\n")
    [problem] = place.problems(Flags(registry="work"))
    assert "is not allowed, because a repository must not choose it" in problem
    assert "evil" not in problem
    reader = SettingsReader(place.layers())
    assert reader.text(None, "DIPMP_SIGNER") == "keystore:usual"
    assert reader.text(None, "ETH_GATEWAY") == "https://default.example"


def test_the_nearest_project_counts(place: Place) -> None:
    place.config(NAMED)
    place.project("[tool.dipmp]\nsigner = 'x:y'\n")
    (place.folder / "checkout" / "deep" / "pyproject.toml").write_text('[tool.dipmp]\nregistry = "play"\n')
    assert str(read_publish_settings(Flags(), place.layers()).chain.registry) == ONE


def test_every_mistake_of_every_layer_at_once(place: Place) -> None:
    place.config(
        'signr = "keystore:x"\nrpc = 7\nchain_id = "1"\n'
        '[registries.a]\npiners = "x"\n[chain]\ngatway = "x"\nprivate_key = "canary"\n[ipfs]\nkey = "canary"\n'
        '[chains]\nBase = "x"\n'
    )
    place.project('[tool.dipmp]\nregistri = "x"\n')
    found = "\n".join(place.problems(environment={"IPFS_GATEWAY": "nonsense", "DIPMP_REGISTRY": "zz"}))
    for part in (
        "'signr' in /",
        "did you mean signer?",
        "rpc in /",
        "is not a text or a list of texts",
        "is not a whole number",
        "did you mean pinners?",
        "[registries.a] of /",
        "has no address",
        "did you mean gateway?",
        "private_key in [chain] of /",
        "Pinata needs both key and secret",
        "'Base' in [chains] of /",
        "'registri' in [tool.dipmp] of /",
        "(the variable IPFS_GATEWAY)",
        "'zz' is not a registry address (the variable DIPMP_REGISTRY)",
        "DIPMP_SIGNER (or --signer) is missing",
    ):
        assert part in found
    assert "canary" not in found


@pytest.mark.parametrize(("text", "mode", "word"), [(USUAL, 0o644, ""), (USUAL, 0o666, "go-w"), (SEED, 0o640, "600")])
def test_permissions(place: Place, text: str, mode: int, word: str) -> None:
    place.config(text, mode)
    assert stat.S_IMODE((place.folder / "config.toml").stat().st_mode) == mode
    problems = [each for each in place.layers().problems if "chmod" in each]
    assert len(problems) == bool(word)
    assert all(f"chmod {word} /" in each for each in problems)
