"""The fold as a whole: total, and append-only in the sense that the specification promises."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.log.blob import Blob
from dipmp_lib.log.entries import RELEASE, YANK, Release
from dipmp_lib.log.fold import Folded, fold_project, fold_registry
from dipmp_lib.log.payload import parse_payload
from dipmp_lib.model.names import ProjectName
from dipmp_lib.model.pages import File
from tests.support.files.log_vectors import data, load
from tests.support.files.logs import DAY, OWNER_KEY, PUBLISHER, START, STRANGER, ProjectLog, record, yank_payload

FOO = ProjectName("foo")
actors = st.sampled_from([OWNER_KEY, PUBLISHER, STRANGER])
times = st.integers(START, START + 30 * DAY) | st.integers(0, 2**40 - 1)
payloads = st.sampled_from(
    [(row["kind"], data(row["payload"])) for rows in load("payloads.json").values() for row in rows]
)
random_blobs = st.builds(
    lambda vector, actor, when: Blob(vector[0], 0, actor, when, vector[1]),
    st.tuples(st.integers(0, 255), st.binary(max_size=60)) | payloads,
    actors,
    times,
)

NAMES = ["foo-1.0.tar.gz", "foo-1.0.zip", "foo-1.0-py3-none-any.whl", "Foo-1.0.0-py3-none-any.whl", "foo-2.0.tar.gz",
         "foo-2.0-1-py3-none-any.whl", "bar-1.0.tar.gz", "nonsense"]  # fmt: skip


@st.composite
def logs(draw: st.DrawFn) -> list[Blob]:
    """A log that means something: releases, yanks and revocations that meet each other."""
    log = ProjectLog("foo")
    for _ in range(draw(st.integers(0, 12))):
        actor = draw(actors)
        when = log.time + draw(st.sampled_from([0, 1, DAY, 15 * DAY]))
        match draw(st.integers(0, 4)):
            case 0 | 1:
                content = draw(st.binary(max_size=2))
                files = [record(name, content=content) for name in draw(st.lists(st.sampled_from(NAMES), max_size=4))]
                log.release(*files, actor=actor, time=when)
            case 2:
                targets = draw(st.lists(st.sampled_from(NAMES) | st.integers(0, 8), max_size=3))
                log.yank(*targets, yanked=draw(st.booleans()), reason=draw(st.sampled_from(["", "r"])), actor=actor)
            case 3:
                since = draw(st.sampled_from([0, START, log.time, log.time - DAY]))
                log.role(actor, compromised_since=since, time=when)
            case _:
                log.status(draw(st.integers(0, 255)), time=when)
    return log.blobs


@given(st.lists(random_blobs, max_size=8))
def test_total(blobs: list[Blob]) -> None:
    folded = fold_project(FOO, blobs)
    assert all(0 <= note.entry < len(blobs) for note in folded.notes)
    assert [note.entry for note in folded.notes] == sorted(note.entry for note in folded.notes)
    registry = fold_registry(blobs)
    assert list(registry.names) == sorted(set(registry.names))


@given(logs())
def test_appending_only_adds_yanks_and_withdraws(blobs: list[Blob]) -> None:
    before = fold_project(FOO, blobs[:0])
    gone: set[str] = set()
    for length in range(1, len(blobs) + 1):
        after = fold_project(FOO, blobs[:length])
        listed = _by_name(after)
        for name, file in _by_name(before).items():
            if name in listed:
                assert _lasting(listed[name]) == _lasting(file)
            else:
                gone.add(name)
        assert not gone & set(listed), "withdrawn files never come back"
        newest = length - 1
        assert all(file.entry == newest for name, file in listed.items() if name not in _by_name(before))
        before = after


@given(logs())
def test_every_row_of_every_release_is_listed_or_reported(blobs: list[Blob]) -> None:
    folded = fold_project(FOO, blobs)
    for number, blob in enumerate(blobs):
        if blob.kind != RELEASE:
            continue
        release = parse_payload(RELEASE, blob.payload)
        assert isinstance(release, Release)
        files = [file for file in folded.files if file.entry == number]
        notes = [note for note in folded.notes if note.entry == number]
        assert sorted([*(file.filename for file in files), *(note.filename for note in notes)]) == sorted(
            record.filename for record in release.files
        )
        assert all((file.publisher, file.uploaded) == (blob.actor, blob.time) for file in files)
    assert not folded.incomplete


@given(logs())
def test_where_a_blob_is_stored_does_not_matter(blobs: list[Blob]) -> None:
    assert fold_project(FOO, blobs) == fold_project(FOO, [replace(blob, prev=blob.prev + 7) for blob in blobs])


def test_a_revoked_key_cannot_be_read_back_in() -> None:
    log = ProjectLog("foo")
    log.release("foo-1.0.tar.gz", actor=PUBLISHER)
    log.role(PUBLISHER, compromised_since=START)
    log.release("foo-1.0.zip", actor=OWNER_KEY)
    log.release("foo-1.1.tar.gz", actor=OWNER_KEY)
    assert [file.filename for file in fold_project(FOO, log.blobs).files] == ["foo-1.1.tar.gz"]


def _many_releases() -> list[Blob]:
    log = ProjectLog("foo")
    for minor in range(3_000):
        log.release(f"foo-1.{minor}-py3-none-any.whl", requires_python=">=3.8")
    return log.blobs


def _wide_releases() -> list[Blob]:
    log = ProjectLog("foo")
    for minor in range(300):
        wheels = [f"foo-1.{minor}-cp3{abi}-cp3{abi}-manylinux_2_17_x86_64.whl" for abi in range(9)]
        log.release(*wheels, f"foo-1.{minor}.tar.gz", requires_python=">=3.8")
    return log.blobs


def _yanks_of_everything() -> list[Blob]:
    """Every yank names each entry of many files many times: targets times files would be 10^9."""
    log = ProjectLog("foo")
    for minor in range(10):
        log.release(*[f"foo-1.{minor}-{build}-py3-none-any.whl" for build in range(250)])
    payload = yank_payload([1 + number % 10 for number in range(4_096)])
    for _ in range(100):
        log.append(YANK, payload)
    return log.blobs


def _revocations() -> list[Blob]:
    log = ProjectLog("foo")
    for number in range(5_000):
        key = number.to_bytes(20, "big")
        log.append(RELEASE, b"\0\x82\x60\x80", actor=key)
        log.role(key, compromised_since=START)
    return log.blobs


@pytest.mark.slow
@pytest.mark.parametrize("build", [_many_releases, _wide_releases, _yanks_of_everything, _revocations])
def test_linear(build: Callable[[], list[Blob]]) -> None:
    blobs = build()
    started = time.process_time()
    folded = fold_project(FOO, blobs)
    assert time.process_time() - started < 10  # a quadratic fold takes minutes
    assert not folded.incomplete


def _by_name(folded: Folded) -> dict[str, File]:
    return {file.filename: file for file in folded.files}


def _lasting(file: File) -> tuple[object, ...]:
    return (file.version, file.size, file.sha256, file.dag_root, file.metadata_sha256, file.requires_python,
            file.uploaded, file.publisher, file.entry)  # fmt: skip
