"""Pinners by URI: which there are, where their secrets come from, and what no message repeats."""

import traceback
from pathlib import Path

import pytest

from dipmp_lib.errors import InvalidSettings
from dipmp_lib.ipfs.pinning import pinner_from_uri
from dipmp_lib.ipfs.pinning.service_api import PsaPinner

CANARY = "canary-77-secret"
ENVIRONMENT = {
    "PINATA_JWT": CANARY,
    "OTHER_JWT": CANARY,
    "PINATA_API_KEY": CANARY,
    "PINATA_API_SECRET": CANARY,
    "FILEBASE_ACCESS_KEY": CANARY,
    "FILEBASE_SECRET_KEY": CANARY,
    "PSA_TOKEN": CANARY,
    "BLANK": "  ",
    "TWO_LINES": f"{CANARY}\r\nX-Header: 1",
    "NOT_ASCII": f"{CANARY}\u00e9",
}


@pytest.mark.parametrize(
    ("uri", "name", "operator", "fetches"),
    [
        ("kubo:http://127.0.0.1:5001", "kubo:http://127.0.0.1:5001", "", False),
        ("kubo:https://me:pw@rpc.filebase.io/prefix", "kubo:https://rpc.filebase.io/…", "filebase.com", False),
        (" pinata: ", "pinata:", "pinata.cloud", False),
        ("pinata:OTHER_JWT", "pinata:OTHER_JWT", "pinata.cloud", False),
        ("pinata-legacy:", "pinata-legacy:", "pinata.cloud", False),
        ("filebase:my-bucket", "filebase:my-bucket", "filebase.com", False),
        ("psa:https://api.pinata.cloud/psa#PSA_TOKEN", "psa:https://api.pinata.cloud/…", "pinata.cloud", True),
    ],
)
def test_each_kind(uri: str, name: str, operator: str, fetches: bool) -> None:
    pinner = pinner_from_uri(uri, environment=ENVIRONMENT)
    assert (pinner.name, pinner.operator, pinner.fetches) == (name, operator, fetches)
    assert CANARY not in repr(vars(pinner)) + repr(vars(vars(pinner)["_inner"]))


def test_origins_are_those_of_the_uri() -> None:
    uri = "psa:https://api.example.org/psa?origin=/ip4/1.2.3.4/tcp/1/p2p/x&origin=/dns4/a.example/tcp/2#PSA_TOKEN"
    pinner = vars(pinner_from_uri(uri, environment=ENVIRONMENT))["_inner"]
    assert isinstance(pinner, PsaPinner)
    assert pinner._origins == ["/ip4/1.2.3.4/tcp/1/p2p/x", "/dns4/a.example/tcp/2"]
    assert pinner._url == "https://api.example.org/psa/pins"


@pytest.mark.parametrize(
    ("uri", "problem"),
    [
        ("pinata:NO_SUCH", "needs the variable NO_SUCH"),
        ("pinata:BLANK", "needs the variable BLANK"),
        ("pinata:TWO_LINES", "are not one line of ASCII"),
        ("pinata:NOT_ASCII", "are not one line of ASCII"),
        (f"pinata:{CANARY}", "neither the name of a variable nor a file"),
        (f"pinata-legacy:{CANARY}", "neither the name of a variable nor a file"),
        (f"filebase:bucket#{CANARY}", "neither the name of a variable nor a file"),
        ("filebase:", "needs the name of a bucket"),
        ("filebase:UPPER", "needs the name of a bucket"),
        ("psa:https://api.example.org/psa", "written psa:URL"),
        (f"psa:https://me:{CANARY}@api.example.org/psa#PSA_TOKEN", "written psa:URL"),
        (f"psa:https://api.example.org/psa?token={CANARY}#PSA_TOKEN", "written psa:URL"),
        (f"psa:https://api.example.org/psa#{CANARY}", "neither the name of a variable nor a file"),
        ("psa:api.example.org#PSA_TOKEN", "needs the URL of a Pinning Service API"),
        ("web3storage:x", "is unknown; write one of kubo:, pinata:, pinata-legacy:, filebase:, psa:"),
    ],
)
def test_what_cannot_be_used(uri: str, problem: str) -> None:
    with pytest.raises(InvalidSettings, match=problem) as caught:
        pinner_from_uri(uri, environment=ENVIRONMENT)
    assert CANARY not in "".join(traceback.format_exception_only(caught.value))


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    file = tmp_path / "jwt"
    file.write_text(f"{CANARY}\n")
    file.chmod(0o600)
    assert pinner_from_uri(f"pinata:{file}", environment={}).operator == "pinata.cloud"
    pair = tmp_path / "pair"
    pair.write_text(f"key\n{CANARY}\n")
    pair.chmod(0o600)
    assert pinner_from_uri(f"filebase:bucket#{pair}", environment={}).name == "filebase:bucket"
    assert pinner_from_uri(f"pinata-legacy:{pair}", environment={}).name == "pinata-legacy:"
    assert pinner_from_uri(f"psa:https://api.example.org#{file}", environment={}).fetches


def test_files_that_others_can_read_or_that_hold_something_else(tmp_path: Path) -> None:
    file = tmp_path / "jwt"
    file.write_text(CANARY)
    file.chmod(0o644)
    with pytest.raises(InvalidSettings, match="can be read or written by other users"):
        pinner_from_uri(f"pinata:{file}", environment={})
    file.chmod(0o600)
    with pytest.raises(InvalidSettings, match="has 1 lines instead of 2"):
        pinner_from_uri(f"filebase:bucket#{file}", environment={})
    with pytest.raises(InvalidSettings, match="cannot be read"):
        pinner_from_uri(f"pinata:{tmp_path}/none", environment={})
