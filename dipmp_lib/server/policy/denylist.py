"""Denylist parser: a list's header, its rules about CIDs, its dipmp rules, and the lines that are no rules.

Source: the IPFS Compact Denylist Format, version 1. Kubo reads the same file and blocks the same CIDs. A
dipmp file is fetched by its own CID, without a path, so rules about paths below a CID and about IPNS names are read and
never match. A line that is no rule is reported and disables nothing else.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from ...errors import InvalidCid, InvalidDenylist
from .multihash import SHA2_256, multihash, of_cid, of_double, split
from .rule import PREFIX, Rule, parse_rule

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
class DenylistHeader:
    """Header of a list. `hints` hold for all of its rules that name CIDs; `policy_url` is "" or an http(s) URL."""

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


def parse_header(lines: list[bytes]) -> DenylistHeader:
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
    return DenylistHeader(
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


MAX_LINE = 2 * 1024 * 1024
MAX_PROBLEMS = 20
_HEX = re.compile(r"[0-9a-fA-F]{64}")
_ALMOST = re.compile(r"#\s*dipmp\s*:", re.IGNORECASE)
_HARMLESS = frozenset(
    of_cid(text)
    for text in (
        "QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn",
        "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
        "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH",
    )
)
"""Empty folders and files, which Kubo never blocks, as too much else contains them."""


@dataclass(frozen=True, slots=True)
class CidRule:
    """Effect of a rule about a CID: `allow` for an exception, and the hints that people are shown."""

    allow: bool
    reason: str = ""
    ref: str = ""


@dataclass(frozen=True, slots=True)
class LineProblem:
    """A line that is no rule: its number in the file, and the reason."""

    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Denylist:
    """Parsed list.

    `cids` and `doubles` hold the last rule for each multihash, and for each hash of one; `functions` are the codes of
    the hash functions of the latter. `rules` are the dipmp rules in the order of the file; `revision` changes with any
    rule, not with comments. `faults` counts the lines that are no rules, `problems` are the first MAX_PROBLEMS of them.
    """

    header: DenylistHeader
    cids: Mapping[bytes, CidRule]
    doubles: Mapping[bytes, CidRule]
    functions: frozenset[int]
    rules: tuple[Rule, ...]
    problems: tuple[LineProblem, ...]
    faults: int
    revision: bytes


def parse_denylist(data: bytes) -> Denylist:
    """Parse a file. Raises InvalidDenylist where the header is missing or wrong; everything else is total."""
    lines, offset = split_header(data)
    reader = _Reader(parse_header(lines))
    for number, line in enumerate(_lines(data, offset), len(lines) + 2):
        reader.read(number, line)
    if not data.endswith(b"\n"):
        # The file may be being written: half a rule could cover more than the whole one.
        reader.fault(data.count(b"\n") + 1, "the last line does not end, so it is not in effect yet")
    return reader.result()


def _lines(data: bytes, offset: int) -> Iterator[bytes]:
    """Yield the complete lines, without line breaks."""
    while (end := data.find(b"\n", offset)) >= 0:
        yield data[offset:end]
        offset = end + 1


class _Reader:
    """Parser that takes a list line by line."""

    def __init__(self, header: DenylistHeader) -> None:
        self._header = header
        self._cids: dict[bytes, CidRule] = {}
        self._doubles: dict[bytes, CidRule] = {}
        self._functions: set[int] = set()
        self._rules: list[Rule] = []
        self._problems: list[LineProblem] = []
        self._faults = 0
        self._bare = tuple(_cid_rule(header.hints, allow=allow) for allow in (False, True))
        self._shared: dict[CidRule, CidRule] = {}  # a list has millions of rules and few different effects
        self._hash = hashlib.sha256(repr((header.hints, header.policy_url)).encode())

    def fault(self, number: int, text: str) -> None:
        """Note a line that is no rule."""
        self._faults += 1
        if len(self._problems) < MAX_PROBLEMS:
            self._problems.append(LineProblem(number, text))

    def read(self, number: int, line: bytes) -> None:
        """Parse one line."""
        if len(line) >= MAX_LINE:
            self.fault(number, "the line is longer than 2 MiB")
            return
        try:
            self._read(line.decode(errors="replace"))
        except (InvalidDenylist, InvalidCid) as error:
            self.fault(number, str(error))

    def result(self) -> Denylist:
        """Return the list."""
        return Denylist(
            header=self._header,
            cids=self._cids,
            doubles=self._doubles,
            functions=frozenset(self._functions),
            rules=tuple(self._rules),
            problems=tuple(self._problems),
            faults=self._faults,
            revision=self._hash.digest(),
        )

    def _read(self, line: str) -> None:
        if line.startswith("#"):
            self._comment(line)
            return
        rule, *hints = line.split() or [""]
        if not rule:
            return
        effect = self._effect(hints, allow=rule.startswith("!"))
        rule = rule.removeprefix("!")
        if rule.startswith("//"):
            self._double(rule[2:], effect)
        elif rule.startswith(("/ipfs/", "/ipld/")):
            self._cid(rule[6:], effect)
        elif not rule.startswith("/ipns/") or rule == "/ipns/":
            raise InvalidDenylist(f"{rule[:80]!r} is not /ipfs/CID, //HASH, /ipns/NAME, or one of these after '!'")
        self._hash.update(line.encode(errors="replace") + b"\n")

    def _comment(self, line: str) -> None:
        if line.startswith(PREFIX):
            rule = parse_rule(line)
            self._rules.append(rule)
            self._hash.update(rule.text.encode() + b"\n")
        elif _ALMOST.match(line[:100]):
            raise InvalidDenylist(f"the line looks like a rule, but does not begin with {PREFIX!r}")

    def _cid(self, text: str, effect: CidRule) -> None:
        cid, _, path = text.partition("/")
        found = of_cid(cid)
        if found not in _HARMLESS and _is_whole(path):
            self._cids[found] = effect

    def _double(self, text: str, effect: CidRule) -> None:
        """Parse a double hash in the new form or the old one; no supported multihash has 64 characters."""
        found = multihash(SHA2_256, bytes.fromhex(text)) if _HEX.fullmatch(text) else of_double(text)
        self._functions.add(split(found)[0])
        self._doubles[found] = effect

    def _effect(self, hints: list[str], *, allow: bool) -> CidRule:
        if not hints:
            return self._bare[allow]
        effect = _cid_rule({**self._header.hints, **_hints(hints)}, allow=allow)
        return self._shared.setdefault(effect, effect)


def _hints(texts: list[str]) -> dict[str, str]:
    """Parse hints: the format's text writes key:value, its reference implementation reads key=value."""
    parts = (text.partition("=" if "=" in text.partition(":")[0] else ":") for text in texts)
    return {key: value for key, _, value in parts}


def _cid_rule(hints: Mapping[str, str], *, allow: bool) -> CidRule:
    return CidRule(allow, _shown(hints.get("reason", "")), _shown(hints.get("ref", "")))


def _is_whole(path: str) -> bool:
    """Tell whether a rule's path, after the CID, covers the CID itself."""
    return not unquote_plus(path.removesuffix("*")).strip("/")


def _shown(text: str) -> str:
    return "".join(char for char in text[:300] if " " <= char <= "~")
