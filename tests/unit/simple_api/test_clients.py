"""The configuration that `dipmp config` prints, parsed as each client parses it."""

import configparser
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import DipmpError
from dipmp_lib.simple_api.clients import parse_index, pip_conf, poetry_toml, uv_toml
from tests.support.programs.cli import Shell

REGISTRY = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
URL = f"https://index.example/simple/{REGISTRY}/"


def test_pip() -> None:
    parser = configparser.ConfigParser()
    parser.read_string(pip_conf(parse_index(URL)))
    assert {name: dict(parser[name]) for name in parser.sections()} == {"global": {"index-url": URL}}


def test_uv() -> None:
    assert tomllib.loads(uv_toml(parse_index(URL))) == {"index": [{"name": "dipmp", "url": URL, "default": True}]}


def test_poetry() -> None:
    source = {"name": "dipmp", "url": URL, "priority": "primary"}
    assert tomllib.loads(poetry_toml(parse_index(URL))) == {"tool": {"poetry": {"source": [source]}}}


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        (URL, URL),
        (URL.rstrip("/"), URL),
        (URL.lower(), URL),
        (f"https://h.example/prod/simple/base:{REGISTRY}", f"https://h.example/prod/simple/base:{REGISTRY}/"),
        (f"http://127.0.0.1:5000/simple/{REGISTRY}/", f"http://127.0.0.1:5000/simple/{REGISTRY}/"),
        (f"http://[::1]:5000/simple/{REGISTRY}/", f"http://[::1]:5000/simple/{REGISTRY}/"),
    ],
)
def test_the_url_becomes_canonical(written: str, canonical: str) -> None:
    index = parse_index(written)
    assert index.url == canonical
    assert not index.plain_http


def test_plain_http_across_a_network_is_warned_of() -> None:
    index = parse_index(f"http://index.example:5000/simple/{REGISTRY}/")
    parser = configparser.ConfigParser()
    parser.read_string(pip_conf(index))
    assert parser["global"]["trusted-host"] == "index.example"
    for text in (pip_conf(index), uv_toml(index), poetry_toml(index)):
        assert text.startswith("# Over plain HTTP anybody on the way can change the index")


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("index.example", "not an absolute http or https URL"),
        ("https://index.example/", "is not the URL of a registry's index"),
        ("https://index.example/simple/", "is not the URL of a registry's index"),
        (f"{URL}requests/", "is not the URL of a registry's index"),
        (f"{URL}?x=1", "is not the URL of a registry's index"),
        (f"https://user:secret@index.example/simple/{REGISTRY}/", "is not the URL of a registry's index"),
        ("https://index.example/simple/0x12/", "is not a registry address"),
        (URL.replace("5a", "5A"), "the checksum"),
    ],
)
def test_what_is_no_index(written: str, words: str) -> None:
    with pytest.raises(DipmpError, match=words) as caught:
        parse_index(written)
    assert caught.value.hint
    assert "secret" not in str(caught.value)


@given(st.text(max_size=60))
def test_nothing_breaks_out_of_its_line(tail: str) -> None:
    try:
        index = parse_index(f"https://h.example{tail}/simple/{REGISTRY}/")
    except DipmpError:
        return
    (source,) = tomllib.loads(poetry_toml(index))["tool"]["poetry"]["source"]
    assert source["url"] == index.url
    assert len(uv_toml(index).splitlines()) == 4


@pytest.mark.parametrize("client", ["pip", "uv", "poetry"])
def test_the_command(client: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    shell = Shell(monkeypatch, capsys)
    done = shell.dipmp("config", client, URL.lower())
    assert (done.code, done.err) == (0, "")
    assert URL in done.out
    refused = shell.dipmp("config", client, "index.example")
    assert (refused.code, refused.out) == (1, "")
    assert "not an absolute http or https URL" in refused.error
