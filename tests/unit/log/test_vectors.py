"""Every vector of tests/vectors/log against the implementation, and the fold vectors against an independent encoder."""

import dataclasses
import zlib

import cbor2
import pytest

from dipmp_lib.errors import MalformedLog, MalformedPayload
from dipmp_lib.log import cbor
from dipmp_lib.log.blob import fold_head, head0, parse_blob, project_id
from dipmp_lib.log.fold import fold_project, fold_registry
from dipmp_lib.log.payload import parse_payload, parse_registry_payload
from dipmp_lib.model.filenames import MAX_FILENAME
from dipmp_lib.model.names import ProjectName
from dipmp_lib.model.pages import Note
from tests.support.files.log_vectors import Vector, data, label, load, value


def rows(file: str, table: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("row", load(file)[table], ids=label)


@rows("blobs.json", "valid")
def test_blob(row: Vector) -> None:
    blob = parse_blob(data(row))
    assert (blob.kind, blob.prev, blob.actor.hex(), blob.time) == (row["kind"], row["prev"], row["actor"], row["time"])
    assert blob.payload == data(row["payload"])
    assert blob.raw == data(row)


@rows("blobs.json", "invalid")
def test_no_blob(row: Vector) -> None:
    with pytest.raises(MalformedLog):
        parse_blob(data(row))


@pytest.mark.parametrize("row", load("heads.json")["heads"], ids=lambda row: f"{row['project']}@{row['chain_id']}")
def test_heads(row: Vector) -> None:
    identity = project_id(row["project"])
    assert identity.hex() == row["id"]
    head = head0(row["chain_id"], bytes.fromhex(row["registry"][2:]), identity)
    heads = [head.hex()]
    for blob in row["blobs"]:
        head = fold_head(head, data(blob))
        heads.append(head.hex())
    assert heads == row["heads"]


@rows("cbor.json", "valid")
def test_cbor(row: Vector) -> None:
    decoded = cbor.decode(data(row))
    assert decoded == value(row["value"])
    assert repr(decoded) == repr(value(row["value"])), "1 and true are not the same"
    assert cbor.encode(decoded) == data(row)


@rows("cbor.json", "invalid")
def test_refused_cbor(row: Vector) -> None:
    with pytest.raises(MalformedPayload):
        cbor.decode(data(row))


@rows("payloads.json", "valid")
def test_payload(row: Vector) -> None:
    parse = parse_registry_payload if row["log"] == "registry" else parse_payload
    parsed = dataclasses.asdict(parse(row["kind"], data(row["payload"])))
    assert _readable(parsed) == _readable(value(row["value"]))


@rows("payloads.json", "invalid")
def test_refused_payload(row: Vector) -> None:
    parse = parse_registry_payload if row["log"] == "registry" else parse_payload
    with pytest.raises(MalformedPayload) as refused:
        parse(row["kind"], data(row["payload"]))
    assert refused.value.code == row["code"]


@rows("folds.json", "folds")
def test_fold(row: Vector) -> None:
    folded = fold_project(ProjectName(row["project"]), [parse_blob(data(blob)) for blob in row["blobs"]])
    assert [_readable(dataclasses.asdict(file)) for file in folded.files] == row["files"]
    assert [_note(note) for note in folded.notes] == row["notes"]
    assert folded.incomplete is row["incomplete"]
    assert (folded.status, folded.status_reason) == (row["status"], row["status_reason"])


@rows("folds.json", "folds")
def test_entries_and_blobs_of_a_fold_vector_agree(row: Vector) -> None:
    assert len(row["entries"]) == len(row["blobs"])
    for entry, raw in zip(row["entries"], row["blobs"], strict=True):
        blob = parse_blob(data(raw))
        assert (blob.kind, blob.actor.hex(), blob.time) == (entry["kind"], entry["actor"], entry["time"])
        if "payload" in entry:
            assert blob.payload.hex() == entry["payload"]
            continue
        assert blob.payload[0] == entry["format"]
        body = zlib.decompress(blob.payload[1:], -15) if entry["format"] else blob.payload[1:]
        assert body == cbor2.dumps(value(entry["cbor"]))


@rows("registries.json", "folds")
def test_registry_fold(row: Vector) -> None:
    folded = fold_registry([parse_blob(data(blob)) for blob in row["blobs"]])
    assert list(folded.names) == row["names"]
    assert [_note(note)[:2] for note in folded.notes] == row["notes"]
    assert folded.incomplete is row["incomplete"]


def test_there_are_enough_negative_vectors() -> None:
    files = ("blobs", "cbor", "payloads", "filenames", "versions", "specifiers")
    assert sum(len(load(f"{file}.json")["invalid"]) for file in files) >= 150


def _note(note: Note) -> list[object]:
    assert len(note.filename) <= MAX_FILENAME
    assert all(" " <= character <= "~" for character in note.filename)
    return [note.entry, note.code, note.filename]


def _readable(part: object) -> object:
    """Spell digests and addresses as the vectors do: plain hex, and lists for tuples."""
    if isinstance(part, bytes):
        return part.hex()
    if isinstance(part, dict):
        return {key: _readable(member) for key, member in part.items()}
    if isinstance(part, list | tuple):
        return [_readable(member) for member in part]
    return part
