"""Payloads: total parsers, writers that write only what readers take, and bounded inflation."""

import tracemalloc
import zlib
from contextlib import suppress
from dataclasses import replace

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import InvalidFilename, MalformedPayload
from dipmp_lib.log.blob import MAX_PAYLOAD
from dipmp_lib.log.entries import RELEASE, YANK, FileRecord, Release, Yank
from dipmp_lib.log.fold import fold_project
from dipmp_lib.log.payload import encode_release, encode_yank, parse_payload, parse_registry_payload
from tests.support.files.log_vectors import data, load
from tests.support.files.logs import ProjectLog, record

PAYLOADS = [(row["kind"], data(row["payload"])) for rows in load("payloads.json").values() for row in rows]
kinds = st.sampled_from([0x01, 0x20, 0x80, 0x81, 0x82, 0x83]) | st.integers(0, 255)
mutated = st.builds(
    lambda vector, at, cut, extra: (vector[0], vector[1][:at] + extra + vector[1][at + cut :]),
    st.sampled_from([vector for vector in PAYLOADS if len(vector[1]) < 1000]),
    st.integers(0, 120),
    st.integers(0, 4),
    st.binary(max_size=4),
)

digests = st.binary(min_size=32, max_size=32)
tags = st.from_regex(r"[a-z][a-z0-9_]{0,6}-[a-z0-9_]{1,4}-[a-z0-9_]{1,4}", fullmatch=True)
sizes = st.integers(1, 2**40 - 1) | st.sampled_from([1, 1_048_576, 1_048_577])


@st.composite
def releases(draw: st.DrawFn) -> Release:
    files = [
        FileRecord(f"foo-1.0-{tag}.whl", draw(sizes), draw(digests), None, draw(digests))
        for tag in draw(st.lists(tags, max_size=6, unique=True))
    ]
    if not files or draw(st.booleans()):
        files.append(FileRecord("foo-1.0.tar.gz", draw(sizes), draw(digests), None, None))
    files = [replace(file, dag_root=draw(digests) if file.size > 1_048_576 else None) for file in files]
    return Release(draw(st.sampled_from(["", ">=3.8", ">=3.8,<4"])), tuple(files))


yanks = st.builds(
    Yank,
    st.lists(st.integers(0, 2**64 - 1) | tags.map("foo-1.0-{}.whl".format), min_size=1, max_size=9).map(tuple),
    st.booleans(),
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=40),
)


@given(kinds, st.binary(max_size=80))
def test_total_on_any_bytes(kind: int, payload: bytes) -> None:
    for parse in (parse_payload, parse_registry_payload):
        with suppress(MalformedPayload):
            parse(kind, payload)


@given(mutated)
def test_total_on_almost_valid_bytes(vector: tuple[int, bytes]) -> None:
    for parse in (parse_payload, parse_registry_payload):
        with suppress(MalformedPayload):
            parse(*vector)


@given(releases())
def test_releases_round_trip_and_every_file_is_accepted(release: Release) -> None:
    payload = encode_release(release)
    assert parse_payload(RELEASE, payload) == release
    log = ProjectLog("foo")
    log.append(RELEASE, payload)
    folded = fold_project(log.name, log.blobs)
    assert [file.filename for file in folded.files] == [file.filename for file in release.files]
    assert folded.notes == ()


@pytest.mark.slow
@given(yanks)
def test_yanks_round_trip(yank: Yank) -> None:
    assert parse_payload(YANK, encode_yank(yank)) == yank


@given(releases())
def test_the_shorter_format_is_kept(release: Release) -> None:
    payload = encode_release(release)
    rows = [[f.filename, f.size, f.sha256, f.dag_root, f.metadata_sha256] for f in release.files]
    body = cbor2.dumps([release.requires_python, rows])
    if payload[0]:
        assert zlib.decompress(payload[1:], -15) == body
        assert len(payload) < len(body) + 1
    else:
        assert payload[1:] == body


WHEEL = "foo-1.0-py3-none-any.whl"
SDIST = "foo-1.0.tar.gz"


@pytest.mark.parametrize(
    ("files", "requires_python", "code"),
    [
        ([], "", "malformed-payload"),
        ([record(SDIST)] * 4_097, "", "malformed-payload"),
        ([record(SDIST), record(SDIST)], "", "duplicate-file"),
        ([record(SDIST), record("Foo-1.0.0.zip")], "", "duplicate-file"),
        ([record(SDIST), record("foo-2.0.tar.gz")], "", "other-version"),
        ([record(SDIST), record("bar-1.0.tar.gz")], "", "other-project"),
        ([record(SDIST), record("nonsense")], "", "bad-filename"),
        ([record(SDIST, size=0)], "", "bad-size"),
        ([record(SDIST, size=-1)], "", "bad-size"),
        ([record(SDIST, size=2**40)], "", "bad-size"),
        ([record(SDIST, dag_root=bytes(32))], "", "bad-dag-root"),
        ([record(SDIST, size=1_048_577, dag_root=None)], "", "bad-dag-root"),
        ([record(WHEEL, metadata_sha256=None)], "", "bad-metadata"),
        ([record(SDIST, metadata_sha256=bytes(32))], "", "bad-metadata"),
        ([record(SDIST, sha256=bytes(31))], "", "malformed-payload"),
        ([record(SDIST, size=1_048_577, dag_root=bytes(33))], "", "malformed-payload"),
        ([record(WHEEL, metadata_sha256=b"")], "", "malformed-payload"),
        ([record(SDIST)], "3.8", "bad-requires-python"),
        ([record(SDIST)], ">=3.8,", "bad-requires-python"),
    ],
)  # fmt: skip
def test_the_writer_refuses_what_readers_ignore(files: list[FileRecord], requires_python: str, code: str) -> None:
    with pytest.raises(MalformedPayload) as refused:
        encode_release(Release(requires_python, tuple(files)))
    assert refused.value.code == code


@pytest.mark.parametrize("name", ["nonsense", "foo-1.0.tar.gz\n", "föö-1.0.tar.gz", ""])
def test_the_writer_refuses_file_names(name: str) -> None:
    with pytest.raises(InvalidFilename):
        encode_release(Release("", (FileRecord(name, 1, bytes(32), None, None),)))
    with pytest.raises(InvalidFilename):
        encode_yank(Yank((name,), yanked=True, reason=""))


@pytest.mark.parametrize(
    ("targets", "reason"),
    [((), ""), ((1,) * 4_097, ""), ((-1,), ""), ((2**64,), ""), ((1,), None), ((1,), "x" * 513), ((1,), "a\nb")],
    ids=repr,
)
def test_the_writer_refuses_yanks(targets: tuple[int, ...], reason: str | None) -> None:
    with pytest.raises(MalformedPayload):
        encode_yank(Yank(targets, yanked=True, reason=reason))


def test_a_release_that_fits_no_blob_says_so() -> None:
    files = [record(f"foo-1.0-{number}-py3-none-any.whl") for number in range(400)]
    with pytest.raises(MalformedPayload, match="one blob") as refused:
        encode_release(Release("", tuple(files)))
    assert "split" in refused.value.hint
    assert len(encode_release(Release("", tuple(files[:150])))) <= MAX_PAYLOAD


def test_a_bomb_is_not_inflated() -> None:
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = b"\1" + b"".join(compressor.compress(bytes(1 << 20)) for _ in range(20)) + compressor.flush()
    assert len(bomb) < MAX_PAYLOAD
    tracemalloc.start()
    try:
        with pytest.raises(MalformedPayload, match="262144"):
            parse_payload(RELEASE, bomb)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
