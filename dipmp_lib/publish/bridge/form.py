"""Streaming reader of one multipart/form-data upload (RFC 7578), with bounds on every part."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from ...errors import InvalidUpload, UploadTooLarge

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

CONTENT = "content"
"""The name of the part that holds the file."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds of one upload.

    `body` is bytes in all, `parts` a count, `fields` the bytes of all parts but the file together; `headers` is the
    count of headers of one part, `header` the bytes of each.
    """

    body: int = 2 << 30
    parts: int = 10_000
    fields: int = 8 << 20
    headers: int = 8
    header: int = 4096


DEFAULT_BOUNDS = Bounds()


@dataclass(slots=True)
class ReceivedForm:
    """A form: the last value of each field, the file name as sent, the file's `path`, and its digests in hex."""

    path: Path
    fields: dict[str, str] = field(default_factory=dict)
    filename: str | None = None
    digests: dict[str, str] = field(default_factory=dict)


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


class FormReader:
    """Reads one body piece by piece, and writes the file to `path`, which must not exist.

    A malformed form is an InvalidUpload, one that exceeds `bounds` an UploadTooLarge.
    """

    def __init__(self, content_type: str, path: Path, bounds: Bounds = DEFAULT_BOUNDS) -> None:
        self._bounds, self._left, self._left_in_fields, self._parts = bounds, bounds.body, bounds.fields, 0
        self._received = ReceivedForm(path)
        self._stream: BinaryIO | None = None
        self._sink: Callable[[bytes], object] = _refuse_data
        self._hashes: dict[str, _Hash] = {"sha256": hashlib.sha256(), "blake2_256": hashlib.blake2b(digest_size=32)}
        self._hashes["md5"] = hashlib.md5(usedforsecurity=False)
        self._header, self._value, self._disposition = bytearray(), bytearray(), b""
        self._name, self._field, self._ended = "", bytearray(), False
        self._parser = self._open_parser(content_type)

    def _open_parser(self, content_type: str) -> MultipartParser:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if kind != b"multipart/form-data" or not 1 <= len(boundary) <= 70:
            raise InvalidUpload("the request is not multipart/form-data with a boundary (RFC 7578)")
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._header_end,
            "on_headers_finished": self._open_part,
            "on_part_data": self._part_data,
            "on_part_end": self._part_end,
            "on_end": self._end,
        }
        bounds = self._bounds
        return MultipartParser(boundary, callbacks, max_header_count=bounds.headers, max_header_size=bounds.header)

    def feed(self, piece: bytes) -> None:
        """Parse the next piece. Raises InvalidUpload, UploadTooLarge, and OSError where the file cannot be written."""
        self._left -= len(piece)
        if self._left < 0:
            raise UploadTooLarge(f"the upload is larger than {self._bounds.body} bytes")
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise InvalidUpload(f"the form cannot be read: {str(error)[:120]}") from error

    def finish(self) -> ReceivedForm:
        """Return the form. Raises InvalidUpload if it is incomplete."""
        self.close()
        if not self._ended:
            raise InvalidUpload("the form is cut off before its closing boundary")
        self._received.digests = {name: digest.hexdigest() for name, digest in self._hashes.items()}
        return self._received

    def close(self) -> None:
        """Close the file; idempotent."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > self._bounds.parts:
            raise UploadTooLarge(f"the form has more than {self._bounds.parts} parts")
        self._disposition = b""

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            if self._disposition:
                raise InvalidUpload("a part of the form has two Content-Disposition headers")
            self._disposition = bytes(self._value)
        self._header, self._value = bytearray(), bytearray()

    def _open_part(self) -> None:
        kind, options = parse_options_header(self._disposition)
        if kind != b"form-data" or b"name" not in options:
            raise InvalidUpload("a part of the form has no name")
        self._name, self._field = _text(options[b"name"]), bytearray()
        if self._name != CONTENT:
            self._sink = self._add_to_field
        elif b"filename" not in options:
            raise InvalidUpload("the part 'content' has no file name")
        else:
            self._open_file(_text(options[b"filename"]))

    def _open_file(self, filename: str) -> None:
        if self._received.filename is not None:
            raise InvalidUpload("the form has more than one part 'content': one file at a time")
        self._received.filename = filename
        self._stream = self._received.path.open("xb")
        self._sink = self._write

    def _write(self, data: bytes) -> None:
        assert self._stream is not None  # noqa: S101 - open as long as this is the sink
        self._stream.write(data)
        for digest in self._hashes.values():
            digest.update(data)

    def _add_to_field(self, data: bytes) -> None:
        self._left_in_fields -= len(data)
        if self._left_in_fields < 0:
            raise UploadTooLarge(f"the form's fields are longer than {self._bounds.fields} bytes together")
        self._field.extend(data)

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        self._sink(data[start:end])

    def _part_end(self) -> None:
        if self._sink == self._add_to_field:
            self._received.fields[self._name] = _text(bytes(self._field))
        self._sink = _refuse_data

    def _end(self) -> None:
        self._ended = True


def _refuse_data(_data: bytes) -> None:
    raise InvalidUpload("the form has data outside of its parts")


def _text(data: bytes) -> str:
    """Decode leniently, as forms have no fixed encoding: the fields that matter are ASCII."""
    return data.decode("utf-8", "replace")
