"""Denylists in the IPFS Compact Format: what is read, what is reported, and that nothing makes the reader fail."""

import base64
import hashlib

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import InvalidDenylist
from dipmp_lib.ipfs import base58
from dipmp_lib.ipfs.cid import DAG_PB, RAW, Cid
from dipmp_lib.server.policy.denylist import MAX_HEADER, MAX_LINE, MAX_PROBLEMS, Denylist, parse_denylist

DIGEST = hashlib.sha256(b"content").digest()
PLAIN = b"\x12\x20" + DIGEST
RAW_CID, DAG_CID = str(Cid(RAW, DIGEST)), str(Cid(DAG_PB, DIGEST))
V0 = base58.encode(PLAIN)
HEADER = "version: 1\n---\n"


def parse(rules: str, header: str = HEADER) -> Denylist:
    return parse_denylist((header + rules).encode())


def test_header() -> None:
    text = (
        "# comment\nversion: 1\nname: 'it''s a list'\ndescription: >\n  folded\n  text\n"
        'author: "abuse@x.example"  # us\ntags:\n- a\n- {b: c}\nother: [1, 2]\nhints:\n  reason: malware\n  ref: https://x.example/#a\n\n'
        "x-dipmp:\n  operator: X\n  policy_url: https://x.example/policy\n---\n"
    )
    header = parse("", text).header
    assert (header.name, header.author) == ("it's a list", "abuse@x.example")
    assert header.hints == {"reason": "malware", "ref": "https://x.example/#a"}
    assert header.policy_url == "https://x.example/policy"
    assert yaml.safe_load(text.removesuffix("---\n"))["hints"] == header.hints


@pytest.mark.parametrize("header", ["---\n", "version: 1\r\n---\r\n", "name: x\n---\n", "version: '1'\n---\n"])
def test_headers_that_are_enough(header: str) -> None:
    assert parse(f"/ipfs/{RAW_CID}\n", header).cids.keys() == {PLAIN}


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("", "no header"),
        ("version: 1\n", "no header"),
        ("version: 1\n ---\n", "no header"),
        ("version: 2\n---\n", "version is '2'"),
        ("version: one\n---\n", "version is 'one'"),
        ("version: 1\nversion: 1\n---\n", "line 2 of its header has 'version' a second time"),
        ("version: 1\n  2\n---\n", "continues version"),
        ("version 1\n---\n", "line 1 of its header is not 'key: value'"),
        ("\tversion: 1\n---\n", "line 1"),
        ("name: 'x\n---\n", "neither plain text nor in quotes"),
        ("name: &a x\n---\n", "neither plain text"),
        ("name: a: b\n---\n", "neither plain text"),
        ("hints: {a: b}\n---\n", "hints on one line"),
        ("hints:\n  - a\n---\n", "not 'key: value' in hints"),
        ("hints:\n  a: 1\n  a: 2\n---\n", "a second time"),
        ("x-dipmp:\n  policy_url: javascript:alert(1)\n---\n", "policy_url"),
        ("x-dipmp:\n  policy_url: 'https://x.example/ y'\n---\n", "policy_url"),
        (f"name: {'x' * MAX_HEADER}\n---\n", "no header"),
    ],
)
def test_headers_that_are_none(header: str, part: str) -> None:
    with pytest.raises(InvalidDenylist, match=part.replace("(", r"\(")):
        parse(f"/ipfs/{RAW_CID}\n", header)


plain_values = (
    st.text("abcXYZ019 ._/@-+", min_size=1, max_size=30).map(str.strip).filter(lambda v: v and v[0] not in "-@")
)


@given(
    st.dictionaries(st.sampled_from(["name", "author"]), plain_values),
    st.dictionaries(st.text("abc", min_size=1), plain_values),
)
def test_what_is_read_of_a_header_is_what_yaml_reads(texts: dict[str, str], hints: dict[str, str]) -> None:
    lines = [f"{key}: {value}" for key, value in texts.items()]
    lines += ["hints:", *(f"  {key}: {value}" for key, value in hints.items())] if hints else []
    text = "".join(f"{line}\n" for line in lines)
    header = parse("", text + "---\n").header
    expected = yaml.load(text, yaml.BaseLoader) or {}  # noqa: S506 - it makes texts of everything
    assert (header.name, header.author) == (expected.get("name", ""), expected.get("author", ""))
    assert header.hints == expected.get("hints", {})


@pytest.mark.parametrize(
    "rule",
    [
        f"/ipfs/{RAW_CID}",
        f"/ipfs/{DAG_CID}",
        f"/ipfs/{V0}",
        f"/ipfs/{RAW_CID.upper().replace('BAFK', 'BAFK', 1)}",
        f"/ipfs/z{base58.encode(bytes(Cid(RAW, DIGEST)))}",
        f"/ipfs/f{bytes(Cid(RAW, DIGEST)).hex()}",
        f"/ipfs/m{base64.b64encode(bytes(Cid(RAW, DIGEST))).decode().rstrip('=')}",
        f"/ipfs/u{base64.urlsafe_b64encode(bytes(Cid(RAW, DIGEST))).decode().rstrip('=')}",
        f"/ipfs/b{base64.b32encode(bytes([1, 0x71, 0x12, 0x20]) + DIGEST).decode().lower().rstrip('=')}",
        f"/ipfs/{RAW_CID}/",
        f"/ipfs/{RAW_CID}/*",
        f"/ipld/{RAW_CID}",
        f"  /ipfs/{RAW_CID} reason:malware x=y\r",
    ],
)
def test_any_spelling_of_a_cid_is_its_multihash(rule: str) -> None:
    found = parse(rule + "\n")
    assert found.cids.keys() == {PLAIN}
    assert found.faults == 0


@pytest.mark.parametrize(
    "rule",
    [
        f"/ipfs/{RAW_CID}/path",
        f"/ipfs/{RAW_CID}/a*",
        f"/ipfs/{RAW_CID}/a/*",
        f"/ipfs/{RAW_CID}/%61",
        "/ipns/domain.example",
        "/ipns/k51qzi5uqu5dhmzyv3zac033i7rl9hkgczxyl81lwoukda2htteop7d3x0y1mf/x",
        "/ipfs/QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn",
        "",
        "# comment",
        "#",
    ],
)
def test_what_never_matches_a_file_is_no_fault(rule: str) -> None:
    found = parse(rule + "\n")
    assert (found.cids, found.doubles, found.rules, found.faults) == ({}, {}, (), 0)


def test_a_double_hash_has_two_forms() -> None:
    new = base58.encode(b"\x12\x20" + hashlib.sha256(V0.encode()).digest())
    old = hashlib.sha256(f"{RAW_CID}/".encode()).digest()
    other = base58.encode(b"\xa0\xe4\x02\x20" + hashlib.blake2b(V0.encode(), digest_size=32).digest())
    found = parse(f"//{new}\n//{old.hex()}\n!//{other}\n")
    assert found.faults == 0
    assert found.doubles.keys() == {base58.decode(new), b"\x12\x20" + old, base58.decode(other)}
    assert found.functions == {0x12, 0xB220}
    assert [mark.allow for mark in found.doubles.values()] == [False, False, True]


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("/ipfs/", "not a CID"),
        ("/ipfs/bafkreigarbage", "not a CID"),
        (f"/ipfs/{RAW_CID}x", "not a CID"),
        (f"/ipfs/{RAW_CID[:-4]}", "not a CID"),
        ("/ipfs/Qmäöü", "not a CID"),
        (f"-/ipfs/{RAW_CID}", "is not /ipfs/CID"),
        (f"!!/ipfs/{RAW_CID}", "is not /ipfs/CID"),
        ("/path*", "is not /ipfs/CID"),
        ("block this", "is not /ipfs/CID"),
        ("//", "not a multihash"),
        ("//" + "0" * 64, ""),
        ("//" + "g" * 64, "multihash"),
        ("//" + "1" * 40, "multihash"),
        ("//gW813G35CnLsy7gRYYHuf63hrz71U1xoLFDVeV7actx6oX", "0x1e, which is not supported"),
        ("# DIPMP: *", "looks like a rule"),
        ("# dipmp: eip155:1:0x00", "looks like a rule"),
    ],
)
def test_a_line_that_is_no_rule_is_reported_and_disables_nothing(line: str, part: str) -> None:
    found = parse(f"{line}\n/ipfs/{RAW_CID}\n")
    assert PLAIN in found.cids
    if part:
        assert found.faults == 1
        assert found.problems[0].line == 3
        assert part in found.problems[0].text


def test_problems_are_counted_and_the_first_are_kept() -> None:
    found = parse("nonsense\n" * 1000 + f"/ipfs/{RAW_CID}\n")
    assert (found.faults, len(found.problems), len(found.cids)) == (1000, MAX_PROBLEMS, 1)


def test_a_line_that_is_too_long_is_one_problem() -> None:
    found = parse(f"/ipfs/{RAW_CID}" + " " * MAX_LINE + f"\n/ipfs/{DAG_CID}/*\n")
    assert (found.faults, len(found.cids)) == (1, 1)
    assert "2 MiB" in found.problems[0].text


def test_half_a_line_is_not_in_effect() -> None:
    found = parse(f"/ipfs/{RAW_CID}\n#dipmp: eip155:1:0x{'00' * 20}")
    assert (len(found.cids), found.rules, found.faults) == (1, (), 1)
    assert found.problems[0].line == 4
    assert "does not end" in found.problems[0].text


def test_the_last_rule_wins_and_hints_are_kept() -> None:
    header = "version: 1\nhints:\n  reason: court\n---\n"
    found = parse(f"/ipfs/{RAW_CID}\n!/ipfs/{V0}\n/ipfs/{DAG_CID} ref=https://x.example/1?a=b\n", header)
    (mark,) = found.cids.values()
    assert (mark.allow, mark.reason, mark.ref) == (False, "court", "https://x.example/1?a=b")
    (mark,) = parse(f"/ipfs/{RAW_CID} reason:malware\n", header).cids.values()
    assert mark.reason == "malware"
    assert parse(f"/ipfs/{RAW_CID}\n!/ipfs/{V0}\n").cids[PLAIN].allow


def test_the_revision_is_that_of_the_rules() -> None:
    one = parse(f"/ipfs/{RAW_CID}\n")
    assert parse(f"# said\n\n/ipfs/{RAW_CID}\n").revision == one.revision
    assert parse(f"/ipfs/{RAW_CID}\n", "name: x\n---\n").revision == one.revision
    others = [
        f"!/ipfs/{RAW_CID}\n",
        f"/ipfs/{RAW_CID} reason:x\n",
        "",
        f"/ipfs/{RAW_CID}\n#dipmp: * sha256={'00' * 32}\n",
    ]
    assert len({one.revision, *(parse(other).revision for other in others)}) == 5


TEXTS = [
    "/ipfs/",
    "//",
    "!",
    "#dipmp:",
    "/ipns/",
    RAW_CID,
    V0,
    "eip155:1:0x",
    " ",
    "\n",
    "---\n",
    HEADER,
    "sha256=",
    "*",
]
words = st.sampled_from([text.encode() for text in TEXTS])
soup = st.lists(words | st.binary(max_size=6), max_size=40).map(b"".join)


@given(soup | st.binary(max_size=300))
def test_any_bytes_are_a_list_or_none(data: bytes) -> None:
    try:
        found = parse_denylist(data)
    except InvalidDenylist:
        return
    assert found.faults >= len(found.problems)


@given(soup)
def test_any_rules_leave_the_others_in_effect(rules: bytes) -> None:
    found = parse_denylist(HEADER.encode() + rules + b"\n" + f"/ipfs/{RAW_CID}\n".encode())
    assert not found.cids[PLAIN].allow
