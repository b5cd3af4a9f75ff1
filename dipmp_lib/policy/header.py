"""The header of a denylist: the few keys that matter here, out of a strict subset of YAML, read without a YAML library.

    version: 1
    name: Example
    author: abuse@index.example
    hints:
      reason: malware
    x-dipmp:
      policy_url: https://index.example/policy
    ---

Values of these keys are plain or quoted text on one line. Other keys may hold any block of YAML; it is skipped.
Source: the IPFS Compact Denylist Format, "Header". A header is optional there and required here, so that an empty or
foreign file never counts as a list that denies nothing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..errors import InvalidDenylist

MAX_HEADER = 1024 * 1024
_END = b"---"
_KEY = re.compile(r"([A-Za-z0-9_-]{1,100}):(?:[ ]+(.*))?")
_NESTED = re.compile(r" +([A-Za-z0-9_-]{1,100}):(?: +(.*))?")
_TEXTS = frozenset({"version", "name", "author"})
_MAPS = frozenset({"hints", "x-dipmp"})
_QUOTED = re.compile(r"""'((?:[^']|'')*)'|"([^"\\]*)\"""")
_PLAIN = re.compile(r"""[^\s'"&*!|>%@`{}\[\],#?-].*""")
_URL = re.compile(r"https?://[!-~]{1,500}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a list says of itself. `hints` hold for all of its rules that name CIDs; `policy_url` is "" or http(s)."""

    name: str = ""
    author: str = ""
    hints: Mapping[str, str] = field(default_factory=dict)
    policy_url: str = ""


def split_header(data: bytes) -> tuple[list[bytes], int]:
    """Return the lines of the header and the offset of what follows its `---`. Raises InvalidDenylist."""
    offset = 0
    lines: list[bytes] = []
    while offset < len(data):
        end = data.find(b"\n", offset, MAX_HEADER)
        if end < 0:
            break
        line = data[offset:end].removesuffix(b"\r")
        offset = end + 1
        if line == _END:
            return lines, offset
        lines.append(line)
    raise InvalidDenylist(
        "it has no header: no line '---' in its first MiB", hint="begin it with 'version: 1' and '---'"
    )


def parse_header(lines: list[bytes]) -> Header:
    """Return the header. Raises InvalidDenylist, naming the line."""
    texts: dict[str, str] = {}
    maps: dict[str, dict[str, str]] = {}
    for number, key, value in _entries(lines):
        top, _, inner = key.partition("/")
        into = maps.setdefault(top, {}) if inner else texts
        if (inner or top) in into:
            raise InvalidDenylist(f"line {number} of its header has {key!r} a second time")
        into[inner or top] = value
    if texts.get("version", "1") != "1":
        raise InvalidDenylist(f"its version is {texts['version'][:40]!r}, and this server reads version 1")
    url = maps.get("x-dipmp", {}).get("policy_url", "")
    if url and not _URL.fullmatch(url):
        raise InvalidDenylist("the policy_url in its header is not the URL of a page")
    return Header(
        name=texts.get("name", ""), author=texts.get("author", ""), hints=maps.get("hints", {}), policy_url=url
    )


def _entries(lines: list[bytes]) -> Iterator[tuple[int, str, str]]:
    """Yield (line number, key, value) of the keys that matter; keys of maps as `map/key`."""
    inside = ""
    for number, line in enumerate(lines, 1):
        text = line.decode(errors="replace").rstrip()
        if not text or text.lstrip().startswith("#"):
            continue
        if text[0] in " -":
            nested = _NESTED.fullmatch(text)
            if inside in _MAPS:
                if nested is None:
                    raise InvalidDenylist(f"line {number} of its header is not 'key: value' in {inside}")
                yield number, f"{inside}/{nested[1]}", _value(number, nested[2])
            elif inside in _TEXTS:
                raise InvalidDenylist(f"line {number} of its header continues {inside}, which has to be one line")
            continue
        match = _KEY.fullmatch(text)
        if match is None:
            raise InvalidDenylist(f"line {number} of its header is not 'key: value'")
        inside = match[1]
        if inside in _TEXTS:
            yield number, inside, _value(number, match[2])
        elif inside in _MAPS and match[2]:
            raise InvalidDenylist(
                f"line {number} of its header has {inside} on one line; put each key on its own below it"
            )


def _value(number: int, text: str | None) -> str:
    text = (text or "").strip()
    quoted = _QUOTED.match(text)
    rest = text[quoted.end() :].strip() if quoted else ""
    if quoted and (not rest or rest.startswith("#")):
        return quoted[1].replace("''", "'") if quoted[1] is not None else quoted[2]
    plain = re.sub(r"\s+#.*", "", text)
    if not plain or (_PLAIN.fullmatch(plain) and ": " not in plain + " "):
        return plain
    raise InvalidDenylist(f"line {number} of its header has a value that is neither plain text nor in quotes")
