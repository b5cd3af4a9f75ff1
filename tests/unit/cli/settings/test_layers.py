"""Layers: the environment over a project over the configuration file; every mistake at once, with its origin."""

import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from dipmp_cli.settings import Layers, Secrets, read_layers
from dipmp_cli.settings.config_file import config_path
from dipmp_cli.settings.reader import SettingsReader
from dipmp_cli.settings.settings import Flags, read_settings
from dipmp_lib.errors import DipmpError, InvalidSettings

ONE = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
TWO = "0x" + "22" * 20
KEY = "4c0883a69102937d6231471b5dbb6204fe512961708279fe5b3d4b2e1f2a5c6d"
USUAL = f"""
registry = "{ONE}"
rpc = ["https://rpc.example/token-1", "https://other.example"]
chain_id = 8453
pinners = "kubo:http://127.0.0.1:5001"
gateways = ["https://gateway.example/ipfs"]
signer = "keystore:file"
index_url = "https://index.example/simple/x/"
"""
SEED = f"""
[chain]
address = "{ONE}"
private_key = "{KEY}"
gateway = "https://rpc.example/v3/token-1"
account = "0x9d8A62f656a8d1615C1294fd71e9CFb3E4855A4F"
[ipfs]
url = "https://pin.example/pinning"
key = "canary-pin-key"
secret = "canary-pin-secret"
"""


@dataclass
class Place:
    """A folder with a project in it, and a configuration file elsewhere."""

    folder: Path

    def config(self, text: str, mode: int = 0o600) -> None:
        path = self.folder / "config.toml"
        path.write_text(text)
        path.chmod(mode)

    def project(self, text: str) -> None:
        (self.folder / "checkout" / "pyproject.toml").write_text(text)

    def layers(self, environment: Mapping[str, str] | None = None) -> Layers:
        named = {"DIPMP_CONFIG": str(self.folder / "config.toml")} if (self.folder / "config.toml").exists() else {}
        return read_layers({**named, **(environment or {})}, self.folder / "checkout" / "deep" / "below")

    def problems(self, flags: Flags | None = None, environment: Mapping[str, str] | None = None) -> list[str]:
        try:
            read_settings(flags or Flags(), self.layers(environment))
        except InvalidSettings as error:
            return list(error.problems)
        except DipmpError as error:
            return [str(error)]
        return []


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "checkout" / "deep" / "below").mkdir(parents=True)
    (tmp_path / "checkout" / "pyproject.toml").write_text('[project]\nname = "demo"\n')
    return Place(tmp_path)


def test_a_file_alone_is_enough(place: Place) -> None:
    place.config(USUAL)
    settings = read_settings(Flags(), place.layers())
    assert str(settings.registry) == ONE
    assert settings.rpc_urls == ("https://rpc.example/token-1", "https://other.example")
    assert (settings.chain_id, settings.signer) == (8453, "keystore:file")
    assert settings.gateways == ("https://gateway.example/ipfs",)
    assert settings.index_url == "https://index.example/simple/x/"


def test_flags_beat_variables_and_variables_beat_the_file(place: Place) -> None:
    place.config(USUAL)
    layers = place.layers(
        {"DIPMP_SIGNER": "env:VARIABLE", "ETH_GATEWAY": "http://variable.example", "IPFS_GATEWAY": ""}
    )
    settings = read_settings(Flags(rpc=["http://flag.example"]), layers)
    assert settings.rpc_urls == ("http://flag.example",)
    assert settings.signer == "env:VARIABLE"
    assert settings.gateways == ("https://gateway.example/ipfs",), "an empty variable is none"
    assert layers.where("DIPMP_SIGNER") == "the variable DIPMP_SIGNER"
    assert layers.where("DIPMP_REGISTRY").startswith("registry in /")


def test_without_files_there_is_the_environment(tmp_path: Path) -> None:
    layers = read_layers({"DIPMP_SIGNER": "env:X"}, tmp_path)
    assert dict(layers) == {"DIPMP_SIGNER": "env:X"}
    assert not layers.problems


def test_the_platforms_folder_has_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: Path("/home/somebody") / name)
    assert config_path({}) == Path("/home/somebody/dipmp/config.toml")
    assert config_path({"DIPMP_CONFIG": "/elsewhere/x.toml"}) == Path("/elsewhere/x.toml")


def test_a_named_file_has_to_exist(tmp_path: Path) -> None:
    layers = read_layers({"DIPMP_CONFIG": str(tmp_path / "none.toml")}, tmp_path)
    assert layers.problems == (f"{tmp_path / 'none.toml'} cannot be read: No such file or directory",)


# ---- named registries

NAMED = f"""
rpc = "https://default.example"
signer = "keystore:usual"
pinners = "kubo:http://127.0.0.1:5001"
[registries.work]
address = "base:{TWO}"
rpc = "https://base.example"
pinners = ["kubo:http://127.0.0.1:1", "kubo:http://127.0.0.1:2"]
[registries.play]
address = "{ONE}"
chain_id = 1337
signer = "env:PLAY"
[chains]
base = "https://unused.example"
oeth = ["https://op.example"]
"""


def test_a_name_brings_its_settings(place: Place) -> None:
    place.config(NAMED)
    work = read_settings(Flags(registry="work"), place.layers())
    assert str(work.registry).lower() == f"base:{TWO}"
    assert work.rpc_urls == ("https://base.example",)
    assert len(work.pinners) == 2
    assert (work.signer, work.chain_id) == ("keystore:usual", 8453)
    play = read_settings(Flags(), place.layers({"DIPMP_REGISTRY": "play"}))
    assert (str(play.registry), play.signer, play.chain_id) == (ONE, "env:PLAY", 1337)
    assert play.rpc_urls == ("https://default.example",)


def test_the_environment_stays_above_a_named_registry(place: Place) -> None:
    place.config(NAMED)
    settings = read_settings(Flags(registry="play"), place.layers({"DIPMP_SIGNER": "env:CI"}))
    assert settings.signer == "env:CI"


def test_chains_have_urls_of_their_own(place: Place) -> None:
    place.config(NAMED)
    assert read_settings(Flags(registry=f"oeth:{TWO}"), place.layers()).rpc_urls == ("https://op.example",)


def test_a_name_that_is_not_there(place: Place) -> None:
    place.config(NAMED)
    [problem] = place.problems(Flags(registry="wrok"))
    assert problem.startswith("'wrok' is not a registry address, nor one of your registries: work, play (--registry)")


# ---- a project may choose among its publisher's registries, and nothing else


def test_a_project_chooses_by_name_or_by_a_known_address(place: Place) -> None:
    place.config(NAMED)
    place.project('[tool.dipmp]\nregistry = "work"\n')
    assert read_settings(Flags(), place.layers()).rpc_urls == ("https://base.example",)
    place.project(f'[tool.dipmp]\nregistry = "{ONE.lower()}"\n')
    settings = read_settings(Flags(), place.layers())
    assert (str(settings.registry), settings.signer) == (ONE, "keystore:usual")


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
    assert "is not taken, because a repository must not choose it" in problem
    assert "evil" not in problem
    reader = SettingsReader(place.layers())
    assert reader.text(None, "DIPMP_SIGNER") == "keystore:usual"
    assert reader.text(None, "ETH_GATEWAY") == "https://default.example"


def test_the_nearest_project_counts(place: Place) -> None:
    place.config(NAMED)
    place.project("[tool.dipmp]\nsigner = 'x:y'\n")
    (place.folder / "checkout" / "deep" / "pyproject.toml").write_text('[tool.dipmp]\nregistry = "play"\n')
    assert str(read_settings(Flags(), place.layers()).registry) == ONE


# ---- mistakes


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


@pytest.mark.parametrize("text", ["a = [", "a = 'canary", "canary", "\ufeffa=1\n= canary"])
def test_what_is_not_toml_is_not_quoted(place: Place, text: str) -> None:
    place.config(text)
    [problem, *_] = place.problems()
    assert "is not TOML: there is a mistake at " in problem
    assert "canary" not in problem


def test_other_bad_files(place: Place) -> None:
    (place.folder / "config.toml").write_bytes(b"\xff\xfe")
    assert "not UTF-8" in place.problems()[0]
    (place.folder / "config.toml").write_bytes(b"#" * (1 << 20) + b"#")
    assert "is not a regular file of at most" in place.problems()[0]


@pytest.mark.parametrize(("text", "mode", "word"), [(USUAL, 0o644, ""), (USUAL, 0o666, "go-w"), (SEED, 0o640, "600")])
def test_permissions(place: Place, text: str, mode: int, word: str) -> None:
    place.config(text, mode)
    assert stat.S_IMODE((place.folder / "config.toml").stat().st_mode) == mode
    problems = [each for each in place.layers().problems if "chmod" in each]
    assert len(problems) == bool(word)
    assert all(f"chmod {word} /" in each for each in problems)


# ---- the prototype's file


def test_the_prototypes_file_as_it_is(place: Place) -> None:
    place.config(SEED)
    layers = place.layers()
    assert not layers.problems
    assert layers["DIPMP_REGISTRY"] == ONE
    assert layers["ETH_GATEWAY"] == "https://rpc.example/v3/token-1"
    assert layers["DIPMP_PINNER"] == "pinata-legacy:"
    [warning] = layers.warnings
    assert "dipmp account import" in warning
    assert layers.secrets[layers["DIPMP_SIGNER"].removeprefix("env:")] == KEY
    assert sorted(layers.secrets.values()) == sorted([KEY, "canary-pin-key", "canary-pin-secret"])
    shown = " ".join([repr(layers), repr(layers.secrets), str(layers.secrets), warning, repr(dict(layers))])
    assert KEY not in shown
    assert "canary" not in shown


def test_the_prototypes_template_with_nothing_filled_in(place: Place) -> None:
    place.config(
        '[chain]\naddress = ""\nprivate_key = ""\ngateway = ""\naccount = ""\n[ipfs]\nurl=""\nkey=""\nsecret=""'
    )
    assert not place.layers().problems
    assert not place.layers().warnings


def test_a_url_alone_is_a_kubo_endpoint(place: Place) -> None:
    place.config('[ipfs]\nurl = "http://127.0.0.1:5001"\n')
    assert place.layers()["DIPMP_PINNER"] == "kubo:http://127.0.0.1:5001"


def test_new_keys_win_over_the_prototypes(place: Place) -> None:
    place.config(f'signer = "keystore:new"\n{SEED}')
    assert place.layers()["DIPMP_SIGNER"] == "keystore:new"


def test_secrets_are_a_mapping_that_shows_nothing() -> None:
    secrets = Secrets({"A": "canary"})
    assert (secrets["A"], len(secrets), list(secrets)) == ("canary", 1, ["A"])
    assert f"{secrets} {secrets!r}" == "*** ***"
