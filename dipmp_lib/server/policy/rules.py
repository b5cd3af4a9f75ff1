"""Rules of several lists, and the one that applies: the last that matches. Pure; the time is passed in.

Rules about CIDs and dipmp rules are independent: an exception among one kind lifts no rule of the other, so that a list
blocks the same CIDs here and in Kubo. As there, a rule for a plain CID takes precedence over one for its hash.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf

from ...ipfs import base58
from ...ipfs.cid import Cid, file_cid, raw_cid
from ...model.filenames import parse_filename
from ...model.pages import File, PolicyNote
from ...model.versions import parse_version
from .denylist import CidRule, Denylist
from .multihash import HASHES, SHA2_256, multihash
from .rule import Rule, RuleAction, RuleTarget

_Key = tuple[object, ...]
_ANYWHERE: _Key = (0, b"", "")


@dataclass(frozen=True, slots=True)
class _Ranked:
    rank: int
    rule: Rule
    url: str


class RuleSet:
    """Several lists as one, in which later lists override earlier ones."""

    def __init__(self, lists: Sequence[Denylist] = ()) -> None:
        self._lists = tuple(reversed(lists))
        self._index: dict[_Key, list[_Ranked]] = {}  # newest first
        self._detailed: set[_Key] = set()  # projects with rules about a version or a file name
        ranked = [(rule, each.header.policy_url) for each in lists for rule in each.rules]
        for rank, (rule, url) in reversed(list(enumerate(ranked))):
            self._index.setdefault(_key(rule), []).append(_Ranked(rank, rule, url))
            if rule.version_key or rule.file_key:
                self._detailed.add((rule.chain_id, rule.address, rule.project))
        self._expiries = sorted(rule.until for rule, _ in ranked if rule.until < inf)
        revisions = b"".join(each.revision for each in lists)
        self._revision = hashlib.sha256(revisions).hexdigest()[:16] if lists else ""

    def __bool__(self) -> bool:
        """Tell whether there is any list."""
        return bool(self._lists)

    def revision(self, now: float) -> str:
        """Return a word that changes with whatever could change an answer; "" without lists."""
        expired = bisect_right(self._expiries, now)
        return f"{self._revision}-{expired}" if expired else self._revision

    def registry(self, target: RuleTarget, project: str, now: float) -> PolicyNote | None:
        """Return the note of the rule that blocks a whole registry, also for one project in it; None without one."""
        found = self._whole(target, project, now)
        return _note(found) if found and not found.rule.project and found.rule.action is RuleAction.BLOCK else None

    def project(self, target: RuleTarget, project: str, now: float) -> PolicyNote | None:
        """Return the note of the rule about a whole project, or about its registry; None without one."""
        return _note(self._whole(target, project, now))

    def _whole(self, target: RuleTarget, project: str, now: float) -> _Ranked | None:
        return self._newest([(*target, "", ""), *([(*target, project, "")] if project else [])], now)

    def file(self, target: RuleTarget, project: str, file: File, now: float) -> PolicyNote | None:
        """Return the note of the rule about one file, by its CIDs or else by dipmp rules; None without one."""
        by_cid = self._by_cid(file)
        if by_cid is not None:
            return by_cid
        return _note(self._newest(self._file_keys(target, project, file), now, file), file.filename)

    def _file_keys(self, target: RuleTarget, project: str, file: File) -> Iterator[_Key]:
        scope = (*target, project)
        yield from ((*scope, file.sha256), (*target, "", file.sha256), (*_ANYWHERE, file.sha256))
        if scope in self._detailed:
            version = parse_version(file.version)
            yield (*scope, parse_filename(file.filename).key)
            yield (*scope, version.key if version else "")

    def _newest(self, keys: Iterable[_Key], now: float, file: File | None = None) -> _Ranked | None:
        found = (
            ranked
            for key in keys
            for ranked in self._index.get(key, ())
            if now < ranked.rule.until and (file is None or ranked.rule.sha256 in (b"", file.sha256))
        )
        return max(found, key=lambda ranked: ranked.rank, default=None)

    def _by_cid(self, file: File) -> PolicyNote | None:
        """Return the note of the rule about a CID of the file.

        A wheel whose METADATA is denied is denied, too: clients to which METADATA is promised fail without it.
        """
        cids = [file_cid(file.sha256, file.dag_root)]
        if file.metadata_sha256 is not None:
            cids.append(raw_cid(file.metadata_sha256))
        for cid in cids:
            hits = (hit for each in self._lists if (hit := _find_cid(each, cid)))
            hit = next(hits, None)
            if hit is not None and not hit.effect.allow:
                return PolicyNote(
                    rule=hit.id,
                    action=RuleAction.BLOCK,
                    filename=file.filename,
                    reason=hit.effect.reason,
                    ref=hit.effect.ref,
                    url=hit.url,
                )
        return None


@dataclass(frozen=True, slots=True)
class _Hit:
    id: str
    effect: CidRule
    url: str


def _find_cid(each: Denylist, cid: Cid) -> _Hit | None:
    """Return the rule of one list about a CID of version 1, None without one."""
    url, plain = each.header.policy_url, multihash(SHA2_256, cid.digest)
    effect = each.cids.get(plain)
    if effect is not None:
        return _Hit(f"/ipfs/{cid}", effect, url)
    if not each.doubles:
        return None
    digest = hashlib.sha256(f"{cid}/".encode()).digest()
    effect = each.doubles.get(multihash(SHA2_256, digest))
    if effect is not None:
        return _Hit(f"//{digest.hex()}", effect, url)
    text = base58.encode(plain).encode()
    for code in each.functions:
        double = multihash(code, HASHES[code](text))
        effect = each.doubles.get(double)
        if effect is not None:
            return _Hit(f"//{base58.encode(double)}", effect, url)
    return None


def _key(rule: Rule) -> _Key:
    return rule.chain_id, rule.address, rule.project, rule.version_key or rule.file_key or rule.sha256 or ""


def _note(found: _Ranked | None, filename: str = "") -> PolicyNote | None:
    if found is None or found.rule.action is RuleAction.ALLOW:
        return None
    rule = found.rule
    return PolicyNote(
        rule=rule.id,
        action=rule.action,
        filename=filename,
        reason=rule.reason,
        ref=rule.ref,
        statement=rule.sor,
        url=found.url,
    )
