"""The configuration file: its path, bounds, and mistakes that quote nothing."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_cli.settings.config_file import config_path, parse_config, rpc_variable
from tests.support.files.config import ONE, Place


def test_the_platforms_folder_has_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: Path("/home/somebody") / name)
    assert config_path({}) == Path("/home/somebody/dipmp/config.toml")
    assert config_path({"DIPMP_CONFIG": "/elsewhere/x.toml"}) == Path("/elsewhere/x.toml")


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


@pytest.mark.parametrize(
    ("chain", "variable"), [("", "ETH_GATEWAY"), ("base", "DIPMP_RPC_BASE"), ("arb-nova", "DIPMP_RPC_ARB_NOVA")]
)
def test_each_chain_has_a_variable(chain: str, variable: str) -> None:
    assert rpc_variable(chain) == variable


def test_urls_of_a_registry_are_those_of_its_chain() -> None:
    entry = {"address": f"base:{ONE}", "rpc": ["https://a.example", "https://b.example"]}
    config = parse_config({"registries": {"work": entry}}, "the file")
    assert config.registries["work"]["DIPMP_RPC_BASE"].text == "https://a.example,https://b.example"
    assert "ETH_GATEWAY" not in config.registries["work"]


@pytest.mark.parametrize("name", ["1st", "", "a b", "x" * 65])
def test_names_of_registries(name: str) -> None:
    config = parse_config({"registries": {name: {"address": ONE}}}, "the file")
    assert (config.registries, len(config.problems)) == ({}, 1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
)


@given(st.dictionaries(st.sampled_from(["registry", "rpc", "registries", "chains", "chain", "ipfs", "x"]), JSON))
def test_any_document_is_settings_or_problems(document: dict[str, object]) -> None:
    config = parse_config(document, "the file")
    assert all(isinstance(each.text, str) for each in config.values.values())
    assert all(isinstance(problem, str) for problem in config.problems)
