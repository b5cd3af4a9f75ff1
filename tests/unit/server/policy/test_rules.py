"""Rules of several lists: which of them applies to a registry, a project or a file."""

import hashlib
from dataclasses import replace

from dipmp_lib.ipfs import base58
from dipmp_lib.ipfs.cid import file_cid, raw_cid
from dipmp_lib.model.pages import File, PolicyNote
from dipmp_lib.server.policy.denylist import parse_denylist
from dipmp_lib.server.policy.rule import parse_rule
from dipmp_lib.server.policy.rules import RuleSet
from tests.support.fakes.registry import REGISTRY, make_file

ADDRESS = REGISTRY.checksummed
HERE = (8453, REGISTRY.address)
NAME = f"eip155:8453:{ADDRESS}"
WHEEL = make_file("demo_pkg-1.0-py3-none-any.whl", "1.0")
LATER = make_file("demo_pkg-2.0.tar.gz", "2.0", size=2**21)
SHA = WHEEL.sha256.hex()
NOW = 1_800_000_000.0  # 2027-01-15T08:00:00Z


def rules(*lines: str, header: str = "---\n") -> RuleSet:
    return RuleSet([parse_denylist((header + "".join(f"{line}\n" for line in lines)).encode())])


def dipmp(*lines: str) -> RuleSet:
    found = [f"#dipmp: {line}" for line in lines]
    for line in found:
        parse_rule(line)
    return rules(*found)


def said(of: RuleSet, file: File = WHEEL, *, place: tuple[int, bytes] = HERE, project: str = "demo-pkg") -> str:
    note = of.file(place, project, file, NOW)
    return note.action if note else ""


def found_of(note: PolicyNote | None) -> PolicyNote:
    assert note is not None
    return note


def test_what_a_rule_about_files_covers() -> None:
    assert said(dipmp(f"{NAME}/demo-pkg/1")) == "block"  # 1 is 1.0
    assert said(dipmp(f"{NAME}/demo-pkg/Demo_Pkg-1.0.0-py3-none-any.whl")) == "block"  # one file, spelled in two ways
    assert said(dipmp(f"{NAME}/demo-pkg/demo_pkg-2.0.zip"), LATER) == "block"
    assert said(dipmp(f"{NAME} sha256={SHA}")) == "block"
    assert said(dipmp(f"{NAME}/demo-pkg sha256={SHA} action=warn")) == "warn"
    assert said(dipmp(f"* sha256={SHA} action=quarantine")) == "quarantine"
    assert said(dipmp(f"{NAME}/demo-pkg/1.0 sha256={SHA}")) == "block"
    everything = dipmp(f"* sha256={SHA}", f"{NAME}/demo-pkg/1.0", f"{NAME} sha256={SHA}")
    for other in (LATER, replace(WHEEL, sha256=bytes(32), version="1.1", filename="demo_pkg-1.1-py3-none-any.whl")):
        assert said(everything, other) == ""
    for place, project in (((1, REGISTRY.address), "demo-pkg"), ((8453, bytes(20)), "demo-pkg"), (HERE, "demo")):
        assert said(dipmp(f"{NAME}/demo-pkg/1.0"), place=place, project=project) == ""
    assert said(dipmp(f"{NAME} sha256={SHA}"), place=(1, REGISTRY.address)) == ""


def test_the_last_rule_that_matches_wins() -> None:
    assert said(dipmp(f"* sha256={SHA}", f"!{NAME}/demo-pkg/1.0")) == ""
    assert said(dipmp(f"!{NAME}/demo-pkg/1.0", f"* sha256={SHA}")) == "block"
    assert said(dipmp(f"{NAME}/demo-pkg/1.0", f"{NAME} sha256={SHA} action=warn")) == "warn"
    first, second = (parse_denylist(f"---\n#dipmp: {sign}{NAME}/demo-pkg/1.0\n".encode()) for sign in ("", "!"))
    assert said(RuleSet([first, second])) == ""
    assert said(RuleSet([second, first])) == "block"


def test_a_rule_that_expired_uncovers_the_one_before() -> None:
    found = dipmp(f"{NAME}/demo-pkg/1.0 action=warn", f"{NAME}/demo-pkg/1.0 until=2027-01-15T08:00Z")
    assert said(found) == "warn"
    assert found_of(found.file(HERE, "demo-pkg", WHEEL, NOW - 1)).action == "block"
    assert found.revision(NOW - 1) != found.revision(NOW)
    assert found.revision(NOW) == found.revision(NOW + 1e9)


def whole(of: RuleSet, project: str = "demo-pkg") -> tuple[bool, str]:
    """Return whether the registry is closed for the project, and what is said of the project."""
    note = of.project(HERE, project, NOW)
    return of.registry(HERE, project, NOW) is not None, note.action if note else ""


def test_registries_and_projects() -> None:
    assert whole(dipmp(NAME)) == (True, "block")
    assert whole(dipmp(f"{NAME} action=quarantine")) == (False, "quarantine")
    assert whole(dipmp(f"{NAME}/demo-pkg")) == (False, "block")
    assert whole(dipmp(f"{NAME}/other")) == (False, "")
    assert whole(dipmp(NAME, f"!{NAME}/demo-pkg")) == (False, "")
    assert whole(dipmp(NAME, f"!{NAME}/demo-pkg"), "other") == (True, "block")
    assert whole(dipmp(NAME, f"!{NAME}/demo-pkg"), "") == (True, "block")
    assert whole(dipmp(NAME, f"!{NAME}")) == (False, "")
    assert whole(dipmp(f"{NAME}/demo-pkg", f"{NAME}/demo-pkg action=warn")) == (False, "warn")
    assert whole(dipmp(f"{NAME}/demo-pkg/1.0", f"{NAME} sha256={SHA}")) == (False, "")


CID = file_cid(WHEEL.sha256, WHEEL.dag_root)
BIG = file_cid(LATER.sha256, LATER.dag_root)
METADATA = raw_cid(WHEEL.metadata_sha256 or b"")


def new_form(cid: object, digest: bytes) -> str:
    plain = base58.encode(b"\x12\x20" + digest)
    return "//" + base58.encode(b"\x12\x20" + hashlib.sha256(plain.encode()).digest())


def note_of(of: RuleSet, file: File = WHEEL) -> PolicyNote | None:
    return of.file(HERE, "demo-pkg", file, NOW)


def test_files_are_found_by_their_own_cid_and_that_of_their_metadata() -> None:
    for file, cid in ((WHEEL, CID), (WHEEL, METADATA), (LATER, BIG)):
        note = note_of(rules(f"/ipfs/{cid} reason:malware"), file)
        assert note == PolicyNote(rule=f"/ipfs/{cid}", action="block", filename=file.filename, reason="malware")
        legacy = "//" + hashlib.sha256(f"{cid}/".encode()).hexdigest()
        assert found_of(note_of(rules(legacy), file)).rule == legacy
        modern = new_form(cid, cid.digest)
        assert found_of(note_of(rules(modern), file)).rule == modern
    assert note_of(rules(f"/ipfs/{raw_cid(LATER.sha256)}"), LATER) is None  # its sha256, but not its CID


def test_exceptions_for_cids() -> None:
    assert note_of(rules(f"/ipfs/{CID}", f"!/ipfs/{CID}")) is None
    assert note_of(rules(new_form(CID, CID.digest), f"!/ipfs/{CID}")) is None
    assert note_of(rules(new_form(CID, CID.digest), "!" + new_form(CID, CID.digest))) is None
    first, second = (parse_denylist(f"---\n{sign}/ipfs/{CID}\n".encode()) for sign in ("", "!"))
    assert note_of(RuleSet([first, second])) is None
    assert note_of(RuleSet([second, first])) is not None


def test_exceptions_of_one_kind_lift_nothing_of_the_other() -> None:
    assert note_of(rules(f"/ipfs/{CID}", f"#dipmp: !{NAME}/demo-pkg/1.0")) is not None
    assert note_of(rules(f"#dipmp: {NAME}/demo-pkg/1.0", f"!/ipfs/{CID}")) is not None


def test_notes_say_where_the_operator_explains_itself() -> None:
    header = "version: 1\nx-dipmp:\n  policy_url: https://x.example/p\n---\n"
    assert found_of(note_of(rules(f"/ipfs/{CID}", header=header))).url == "https://x.example/p"
    found = rules(f"#dipmp: {NAME}/demo-pkg sor=S1", header=header)
    note = found_of(found.project(HERE, "demo-pkg", NOW))
    assert (note.url, note.statement) == ("https://x.example/p", "S1")


def test_no_lists_say_nothing() -> None:
    nothing = RuleSet()
    assert not nothing
    assert nothing.revision(NOW) == ""
    assert (note_of(nothing), whole(nothing)) == (None, (False, ""))
