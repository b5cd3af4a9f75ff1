"""Rules about registries, projects, versions and files, in lines that other readers of a denylist take for comments.

    #dipmp: eip155:<chain>:<contract>[/<project>[/<version>|/<filename>]] key=value …
    #dipmp: * sha256=<hex> key=value …

A `!` before the target makes an exception from earlier rules. Keys: `sha256` (only files with this hash), `action`
(quarantine, block, warn; block if left out), `reason` (a word), `ref` (a URL or an id), `sor` (id of the statement of
reasons), `until` (a date, whose day is included, or a time; UTC if no zone is given). Keys that begin with `x-` are
ignored; others are mistakes, since a rule with a mistyped `sha256` would cover more than was meant.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import inf
from urllib.parse import unquote

from ...errors import InvalidAddress, InvalidDenylist, InvalidFilename, InvalidName
from ...model.filenames import parse_filename
from ...model.names import parse_project, parse_registry
from ...model.versions import parse_version

RuleTarget = tuple[int, bytes]
"""A registry as rules name it: chain id and address."""


class RuleAction(StrEnum):
    """Action of a rule; ALLOW is that of an exception."""

    QUARANTINE = "quarantine"
    BLOCK = "block"
    WARN = "warn"
    ALLOW = "allow"


PREFIX = "#dipmp:"
MAX_RULE = 4096
_TARGET = re.compile(r"eip155:([1-9][0-9]{0,18}):(0x[0-9A-Fa-f]{40})(?:/([^/]+)(?:/([^/]+))?)?")
_ARCHIVES = (".whl", ".tar.gz", ".zip")
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_TEXT = {
    "reason": re.compile(r"[A-Za-z0-9._-]{1,64}"),
    "ref": re.compile(r"[!-~]{1,300}"),
    "sor": re.compile(r"[!-~]{1,128}"),
}
_UNTIL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?")
_KEYS = {"sha256", "action", "until", *_TEXT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `address` is b"" for any registry; `until` is a unix time, infinite for a rule that does not expire.

    Of `version_key`, `file_key` and `sha256` at most the last and one other are set; none for a rule about a whole
    project, and `project` is "" for one about a whole registry. `text` is the rule in one canonical spelling.
    """

    id: str
    text: str
    action: RuleAction
    chain_id: int = 0
    address: bytes = b""
    project: str = ""
    version_key: str = ""
    file_key: tuple[str, ...] = ()
    sha256: bytes = b""
    reason: str = ""
    ref: str = ""
    sor: str = ""
    until: float = inf


def parse_rule(line: str) -> Rule:
    """Parse a line that begins with PREFIX. Raises InvalidDenylist."""
    if len(line) > MAX_RULE:
        raise InvalidDenylist(f"a rule has more than {MAX_RULE} characters")
    target, *pairs = line.removeprefix(PREFIX).split() or [""]
    keys = _keys(pairs)
    is_exception = target.startswith("!")
    if is_exception and "action" in keys:
        raise InvalidDenylist("an exception has no action")
    what = target.removeprefix("!")
    rule = Rule(
        id=f"sha256:{keys.get('sha256', '').lower()}" if what == "*" else what[:300],
        text=" ".join([target, *sorted(pairs)]),
        action=RuleAction.ALLOW if is_exception else _action(keys.get("action", "block")),
        sha256=bytes.fromhex(keys.get("sha256", "")),
        until=_until(keys["until"]) if "until" in keys else inf,
        **{key: keys.get(key, "") for key in _TEXT},  # type: ignore[arg-type]
        **_scope(what),  # type: ignore[arg-type]
    )
    if not rule.address and not rule.sha256:
        raise InvalidDenylist("a rule about any registry needs a sha256")
    return rule


def _keys(pairs: list[str]) -> dict[str, str]:
    keys: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if key.startswith("x-"):
            continue
        if not equals or key not in _KEYS:
            raise InvalidDenylist(f"{pair[:80]!r} is not one of {', '.join(sorted(_KEYS))}, '=' and a value")
        if key in keys:
            raise InvalidDenylist(f"{key} is there twice")
        pattern = _TEXT.get(key, _SHA256 if key == "sha256" else None)
        if pattern is not None and not pattern.fullmatch(value):
            raise InvalidDenylist(f"{pair[:100]!r} is not a {key}")
        keys[key] = value
    return keys


def _action(word: str) -> RuleAction:
    if word not in (RuleAction.QUARANTINE, RuleAction.BLOCK, RuleAction.WARN):
        raise InvalidDenylist(f"the action {word[:40]!r} is not quarantine, block or warn")
    return RuleAction(word)


def _until(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text if _UNTIL.fullmatch(text) else "")
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return (moment if "T" in text else moment + timedelta(days=1)).timestamp()
    except (ValueError, OverflowError):
        raise InvalidDenylist(f"until={text[:40]!r} is not a date such as 2030-12-31 or 2030-12-31T12:00Z") from None


def _scope(target: str) -> dict[str, object]:
    if target == "*":
        return {}
    match = _TARGET.fullmatch(target)
    if match is None:
        raise InvalidDenylist(f"{target[:120]!r} is not eip155:CHAIN:CONTRACT[/PROJECT[/VERSION|/FILENAME]]")
    chain, address, project, part = match.groups()
    try:
        scope: dict[str, object] = {"chain_id": int(chain), "address": parse_registry(address).address}
        if project:
            scope["project"] = parse_project(unquote(project))
        return scope | (_part(unquote(part), str(scope["project"])) if part else {})
    except (InvalidAddress, InvalidName, InvalidFilename) as error:
        raise InvalidDenylist(str(error)) from None


def _part(text: str, project: str) -> dict[str, object]:
    if text.lower().endswith(_ARCHIVES):
        filename = parse_filename(text)
        if filename.project != project:
            raise InvalidDenylist(f"{text[:120]!r} is not a file of {project}")
        return {"file_key": filename.key}
    version = parse_version(text)
    if version is None:
        raise InvalidDenylist(f"{text[:80]!r} is neither a PEP 440 version nor a wheel or sdist")
    return {"version_key": version.key}
