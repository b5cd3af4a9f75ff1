"""PEP 440 versions, their order, and specifier sets: the strict grammar of the log format, in linear time.

The index must give every reader the same answer for ever, so the grammar is fixed here and in docs/log-format.md;
`packaging` is the second opinion in tests. Only ASCII without surrounding whitespace is read.
"""

import re
from functools import lru_cache
from typing import NamedTuple, TypeAlias

MAX_VERSION = 255
MAX_SPECIFIERS = 256

# PEP 440, Appendix B, lower-cased; the possessive quantifiers keep matching linear.
_PRE = r"(?:[._-]?+(?P<pre>alpha|a|beta|b|preview|pre|c|rc)[._-]?+(?P<pre_n>[0-9]*+))?"
_POST = r"(?:-(?P<post_implicit>[0-9]++)|[._-]?+(?P<post>post|rev|r)[._-]?+(?P<post_n>[0-9]*+))?"
_DEV = r"(?:[._-]?+(?P<dev>dev)[._-]?+(?P<dev_n>[0-9]*+))?"
_LOCAL = r"(?:\+(?P<local>[a-z0-9]++(?:[._-][a-z0-9]++)*+))?"
_EPOCH = r"v?+(?:(?P<epoch>[0-9]++)!)?"
_VERSION = re.compile(rf"{_EPOCH}(?P<release>[0-9]++(?:\.[0-9]++)*+){_PRE}{_POST}{_DEV}{_LOCAL}")
_PREFIX = re.compile(r"v?+(?:[0-9]++!)?[0-9]++(?:\.[0-9]++)*+\.\*")
_CLAUSE = re.compile(r"(===|==|!=|~=|<=|>=|<|>) *+(\S++)")
_PRE_LETTER = {"alpha": "a", "beta": "b", "preview": "rc", "pre": "rc", "c": "rc"}
_LOCAL_SEPARATOR = re.compile(r"[._-]")
_PRINTABLE = re.compile(r"[ -~]*")


class Version(NamedTuple):
    """`normal` is the PEP 440 normal form; `key` is that without trailing zeros, so equal for equal versions."""

    normal: str
    key: str


def parse_version(text: str) -> Version | None:
    """Return the version (`v1.0-ALPHA.01` has the normal form `1.0a1` and the key `1a1`), or None for other text."""
    match = _match(text)
    if match is None:
        return None
    epoch, release, suffix = _epoch(match), _release(match), _suffix(match)
    trimmed = release
    while trimmed.endswith(".0"):
        trimmed = trimmed[:-2]
    return Version(epoch + release + suffix, epoch + trimmed + suffix)


def canonical_version(text: str) -> str | None:
    """Return the PEP 440 normal form, trailing zeros kept, or None if `text` is no version."""
    version = parse_version(text)
    return None if version is None else version.normal


def is_specifier_set(text: str) -> bool:
    """Tell whether `text` is a PEP 440 specifier set: comma-separated clauses, or empty; printable ASCII, <= 256."""
    if len(text) > MAX_SPECIFIERS or _PRINTABLE.fullmatch(text) is None:
        return False
    return not text or all(_is_clause(clause.strip(" ")) for clause in text.split(","))


def _is_clause(text: str) -> bool:
    clause = _CLAUSE.fullmatch(text)
    if clause is None:
        return False
    operator, operand = clause.groups()
    if operator in ("==", "!=") and _PREFIX.fullmatch(operand.lower()):
        return True
    version = _match(operand)
    if version is None:
        return False
    if operator in ("==", "!=", "==="):
        return True
    if version["local"]:
        return False
    return operator != "~=" or "." in version["release"]


def _match(text: str) -> re.Match[str] | None:
    if len(text) > MAX_VERSION or not text.isascii():
        return None
    return _VERSION.fullmatch(text.lower())


def _epoch(match: re.Match[str]) -> str:
    epoch = _number(match["epoch"] or "0")
    return "" if epoch == "0" else f"{epoch}!"


def _release(match: re.Match[str]) -> str:
    return ".".join(_number(part) for part in match["release"].split("."))


def _suffix(match: re.Match[str]) -> str:
    """Return everything after the release segment, in normal form."""
    suffix = ""
    if match["pre"]:
        suffix += _PRE_LETTER.get(match["pre"], match["pre"]) + _number(match["pre_n"])
    if match["post"]:
        suffix += ".post" + _number(match["post_n"])
    elif match["post_implicit"]:
        suffix += ".post" + _number(match["post_implicit"])
    if match["dev"]:
        suffix += ".dev" + _number(match["dev_n"])
    if match["local"]:
        suffix += "+" + ".".join(_local_part(part) for part in _LOCAL_SEPARATOR.split(match["local"]))
    return suffix


def _number(digits: str) -> str:
    """Return the digits without leading zeros, as text: numbers have no upper bound here."""
    return digits.lstrip("0") or "0"


def _local_part(part: str) -> str:
    return _number(part) if part.isdigit() else part


Order: TypeAlias = tuple[tuple[int | str, ...], ...]
"""Sort key of a version."""

_NORMAL = re.compile(
    r"(?:(?P<epoch>[0-9]+)!)?(?P<release>[0-9]+(?:\.[0-9]+)*)(?:(?P<pre>a|b|rc)(?P<pre_n>[0-9]+))?"
    r"(?:\.post(?P<post>[0-9]+))?(?:\.dev(?P<dev>[0-9]+))?(?:\+(?P<local>[a-z0-9.]+))?"
)
_LAST: Order = ()
_MAX_TEXT = 512


@lru_cache(16_384)  # the files of a release have one version
def version_order(normal: str) -> Order:
    """Return the sort key of a version in normal form; any other text sorts before all versions."""
    match = _NORMAL.fullmatch(normal) if len(normal) <= _MAX_TEXT else None
    if match is None:
        return _LAST
    release = [int(part) for part in match["release"].split(".")]
    while release and release[-1] == 0:
        release.pop()
    return (
        (int(match["epoch"] or 0),),
        tuple(release),
        _pre(match),
        (-1,) if match["post"] is None else (int(match["post"]),),
        (1,) if match["dev"] is None else (0, int(match["dev"])),
        _local(match["local"] or ""),
    )


def is_prerelease(normal: str) -> bool:
    """Tell whether installers pass over the version unless told not to (PEP 440, "Handling of pre-releases")."""
    match = _NORMAL.fullmatch(normal) if len(normal) <= _MAX_TEXT else None
    return match is not None and bool(match["pre"] or match["dev"])


def _pre(match: re.Match[str]) -> tuple[int | str, ...]:
    """Return the key of the pre-release part: a bare dev release sorts before a1, and a1 before the release."""
    if match["pre"]:
        return (0, match["pre"], int(match["pre_n"]))
    return (-1,) if match["dev"] and match["post"] is None else (1,)


def _local(label: str) -> tuple[int | str, ...]:
    """Return the key of the local label: no label sorts first, and words before numbers."""
    parts: list[int | str] = []
    for part in label.split(".") if label else ():
        parts += (1, int(part), "") if part.isdigit() else (0, 0, part)
    return tuple(parts)
