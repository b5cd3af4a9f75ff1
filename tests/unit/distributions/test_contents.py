"""Contents of archives: what is measured and kept, and what nested archives may cost."""

import bz2
import gzip
import hashlib
import lzma
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.distributions import unpacking
from dipmp_lib.distributions.contents import MAX_LEVELS, look_inside, read_contents
from dipmp_lib.distributions.findings import Findings, Severity
from dipmp_lib.distributions.unpacking import BombError, InflateBudget
from tests.support.files.zips import Entry, HandZip

PACKERS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress}
FLOOR = 1 << 20


@pytest.fixture(autouse=True)
def _small_budgets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "FLOOR", FLOOR)


def pieces(data: bytes, size: int = 1_000) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


@given(st.dictionaries(st.text(min_size=1, max_size=9), st.binary(max_size=3_000), max_size=4), st.integers(1, 999))
def test_every_member_is_measured_and_the_wanted_ones_kept(members: dict[str, bytes], size: int) -> None:
    wanted = sorted(members)[:1]
    found = read_contents(
        ((name, pieces(data, size)) for name, data in members.items()),
        lambda name: 3_000 if name in wanted else None,
        1_000_000,
        Findings("demo.zip"),
    )
    assert found.sizes == {name: len(data) for name, data in members.items()}
    assert found.digests == {name: hashlib.sha256(data).digest() for name, data in members.items()}
    assert found.texts == {name: members[name] for name in wanted}


def test_a_text_beyond_its_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="has a METADATA of more than 10 bytes"):
        read_contents([("METADATA", pieces(bytes(11)))], lambda _: 10, 100, Findings("demo.zip"))


def test_a_fault_of_the_archive_is_not_taken_for_one_of_a_nested_archive() -> None:
    def broken() -> Iterator[bytes]:
        yield gzip.compress(b"x")[:5]
        raise EOFError("the file ends early")

    with pytest.raises(EOFError, match="the file ends early"):
        read_contents([("a.gz", broken())], lambda _: None, 100, Findings("demo.zip"))


@pytest.mark.parametrize("packer", PACKERS)
def test_a_nested_bomb_is_a_fault_of_form(packer: str) -> None:
    findings = Findings("demo.zip")
    found = read_contents([("a", pieces(PACKERS[packer](bytes(FLOOR + 1))))], lambda _: None, 100, findings)
    [finding] = findings.all()
    assert finding.severity is Severity.FORM
    assert finding.clause.startswith("holds 'a', an archive that unpacks to more than 50 times")
    assert found.sizes["a"] < FLOOR // 10


def test_nested_archives_share_one_budget() -> None:
    findings, half = Findings("demo.zip"), gzip.compress(bytes(FLOOR // 2 + 1))
    members = [(name, pieces(half)) for name in ("a", "b")]
    read_contents(members, lambda _: None, 100, findings)
    assert [finding.clause.split("'")[1] for finding in findings.all()] == ["b"]


def test_archives_are_unpacked_to_a_depth() -> None:
    data = b"x"
    for _ in range(MAX_LEVELS):
        data = gzip.compress(data)
    look_inside(pieces(data), InflateBudget(0))
    with pytest.raises(BombError, match="more than 8 deep"):
        look_inside(pieces(gzip.compress(data)), InflateBudget(0))


def test_members_of_a_nested_zip_count() -> None:
    inner = HandZip([Entry(b"a", bytes(FLOOR)), Entry(b"b", b"12", method=0)]).build()
    with pytest.raises(BombError):
        look_inside(pieces(inner), InflateBudget(0))
    budget = InflateBudget(0)
    look_inside(pieces(HandZip([Entry(b"a", bytes(100)), Entry(b"b", b"12", method=0)]).build()), budget)
    budget.spend(FLOOR - 102)
    with pytest.raises(BombError):
        budget.spend(1)


@given(st.binary(max_size=300), st.sampled_from([b"", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\x00", b"PK\x03\x04"]))
def test_damaged_nested_archives_are_passed_over(data: bytes, magic: bytes) -> None:
    look_inside(pieces(magic + data, 40), InflateBudget(0))
