"""What a policy makes of registries, projects and files."""

from dataclasses import replace

import pytest

from dipmp_lib.errors import Denied, NotServed
from dipmp_lib.ipfs.cid import file_cid
from dipmp_lib.model.names import parse_registry
from dipmp_lib.model.pages import NO_POLICY, File, Project, Status
from dipmp_lib.server.policy import Policy, Tier, spellings
from dipmp_lib.telemetry import Event
from tests.support.fakes.registry import REGISTRY, make_file, make_project
from tests.support.files.denylists import CHAIN_ID, POLICY_URL, TARGET, Rulings, policy_of

WHEEL = make_file("demo_pkg-1.0-py3-none-any.whl", "1.0")
SDIST = make_file("demo_pkg-2.0.tar.gz", "2.0")
DEMO = make_project("demo-pkg", WHEEL, SDIST)
OTHER = parse_registry("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")
NAMED = parse_registry(f"base:{REGISTRY}")


class Told:
    def __init__(self) -> None:
        self.events: list[tuple[Event, dict[str, str | float]]] = []

    def tell(self, event: Event, **facts: str | float) -> None:
        self.events.append((event, facts))


# -- tiers


def test_without_pinned_registries_all_are_equal() -> None:
    policy = Policy(others=True)
    assert {policy.tier(REGISTRY), policy.tier(OTHER), policy.tier_of("something")} == {Tier.PINNED}


def test_pinned_registries_come_first_whatever_their_spelling() -> None:
    for pin, chain_id in ((REGISTRY, CHAIN_ID), (NAMED, CHAIN_ID)):
        policy = Policy(pinned=[pin], chain_id=chain_id)
        assert (policy.tier(REGISTRY), policy.tier(NAMED), policy.tier(OTHER)) == (Tier.PINNED, Tier.PINNED, Tier.OPEN)
    for elsewhere in (1, None):
        policy = Policy(pinned=[REGISTRY], chain_id=elsewhere)
        assert (policy.tier(REGISTRY), policy.tier(NAMED)) == (Tier.PINNED, Tier.OPEN)


def test_spellings() -> None:
    assert set(spellings(REGISTRY, CHAIN_ID)) == set(spellings(NAMED, CHAIN_ID)) == {REGISTRY, NAMED}
    assert spellings(NAMED, 1) == (NAMED,)
    assert spellings(REGISTRY, None) == (REGISTRY,)
    assert spellings(REGISTRY, 31337) == (REGISTRY,)
    unknown = replace(REGISTRY, chain="nowhere")
    assert spellings(unknown, CHAIN_ID) == (unknown,)


def test_others_may_be_refused() -> None:
    told = Told()
    policy = Policy(pinned=[REGISTRY], others=False, chain_id=CHAIN_ID, telemetry=told)
    assert policy.tier(NAMED) is Tier.PINNED
    with pytest.raises(NotServed, match="does not serve the registry 0x5aAeb6"):
        policy.tier(OTHER)
    assert told.events == [(Event.DENIED, {"rule": "not-pinned", "registry": str(OTHER)})]


def test_a_denied_registry() -> None:
    told = Told()
    policy = policy_of(f"{TARGET} reason=court", telemetry=told)
    for registry in (REGISTRY, NAMED):
        with pytest.raises(Denied, match=r"operator does not serve the registry .* \(court\)") as caught:
            policy.tier(registry)
        assert (caught.value.rule, caught.value.policy_url) == (TARGET, POLICY_URL)
        assert POLICY_URL in caught.value.hint
    assert told.events == [(Event.DENIED, {"rule": TARGET})] * 2
    assert policy.tier(OTHER) is Tier.PINNED
    assert policy.tier(parse_registry(f"eth:{REGISTRY}")) is Tier.PINNED  # the same address elsewhere is another one


def test_an_exception_opens_a_denied_registry_for_one_project() -> None:
    policy = policy_of(TARGET, f"!{TARGET}/demo-pkg")
    assert policy.tier(REGISTRY, "demo-pkg") is Tier.PINNED
    assert policy.apply(DEMO) is DEMO
    with pytest.raises(Denied):
        policy.tier(REGISTRY, "other")


def test_rules_of_a_chain_whose_id_is_unknown_cover_nothing_else() -> None:
    policy = policy_of(TARGET, chain_id=None)
    assert policy.tier(REGISTRY) is Tier.PINNED
    with pytest.raises(Denied):
        policy.tier(NAMED)


# -- projects


@pytest.mark.parametrize(
    "rule", [f"{TARGET}/demo-pkg", f"{TARGET}/Demo.Pkg action=quarantine", f"{TARGET} action=quarantine"]
)
def test_a_denied_project_is_quarantined_and_says_why(rule: str) -> None:
    shown = policy_of(f"{rule} reason=malware ref=MAL-2026-1 sor=S7").apply(DEMO)
    assert (shown.status, shown.files) == (Status.QUARANTINED, ())
    assert shown.status_reason == (
        f"denied by this server's operator: malware, MAL-2026-1, statement S7, see {POLICY_URL}"
    )
    assert (shown.policy.withheld, shown.policy.denied) == (2, rule.split(maxsplit=1)[0])
    (note,) = shown.policy.notes
    assert (note.filename, note.reason, note.ref, note.statement, note.url) == (
        "",
        "malware",
        "MAL-2026-1",
        "S7",
        POLICY_URL,
    )
    assert replace(shown, files=DEMO.files, status=DEMO.status, status_reason="", policy=NO_POLICY) == DEMO


def test_what_the_chain_says_itself_stays() -> None:
    quarantined = replace(DEMO, status=Status.QUARANTINED, status_reason="the guardian's reason")
    shown = policy_of(f"{TARGET}/demo-pkg reason=malware").apply(quarantined)
    assert (shown.status_reason, shown.files) == ("the guardian's reason", ())
    assert shown.policy.denied
    assert policy_of(f"!{TARGET}/demo-pkg").apply(quarantined) is quarantined


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        (f"{TARGET}/demo-pkg/1.0", [SDIST]),
        (f"{TARGET}/demo-pkg/demo_pkg-2.0.tar.gz", [WHEEL]),
        (f"{TARGET}/demo-pkg/2.0 action=quarantine", [WHEEL]),
        (f"* sha256={WHEEL.sha256.hex()}", [SDIST]),
        (f"/ipfs/{file_cid(SDIST.sha256, None)}", [WHEEL]),
    ],
)
def test_denied_files_are_left_out_and_counted(rule: str, left: list[File]) -> None:
    shown = policy_of(rule).apply(DEMO)
    assert list(shown.files) == left
    assert (shown.status, shown.policy.withheld, shown.policy.denied) == (Status.ACTIVE, 1, "")
    (note,) = shown.policy.notes
    assert note.filename == ({WHEEL.filename, SDIST.filename} - {left[0].filename}).pop()


def test_a_warning_takes_nothing_away() -> None:
    shown = policy_of(f"{TARGET}/demo-pkg action=warn reason=typosquat", f"{TARGET}/demo-pkg/1.0 action=warn").apply(
        DEMO
    )
    assert (shown.files, shown.status) == (DEMO.files, Status.ACTIVE)
    assert [(note.filename, note.action) for note in shown.policy.notes] == [("", "warn"), (WHEEL.filename, "warn")]
    policy_of(f"{TARGET}/demo-pkg action=warn").require_file(DEMO, WHEEL)


def test_what_no_rule_is_about_is_the_same_object() -> None:
    assert policy_of(f"{TARGET}/other", f"{TARGET}/other/1.0").apply(DEMO) is DEMO
    assert Policy().apply(DEMO) is DEMO
    assert Policy().remembered(DEMO) is DEMO


def test_what_was_decided_is_remembered_until_head_or_rules_change() -> None:
    rules = Rulings(f"{TARGET}/demo-pkg/1.0")
    now = [1_800_000_000.0]
    policy = Policy(rules, chain_id=CHAIN_ID, clock=lambda: now[0])
    assert policy.remembered(DEMO) is None
    shown = policy.apply(DEMO)
    assert policy.remembered(DEMO) is shown
    assert policy.remembered(replace(DEMO, head=bytes(32))) is None
    rules.put(f"{TARGET}/demo-pkg/1.0", f"{TARGET}/elsewhere until=2027-01-15T08:00:10Z")
    assert policy.remembered(DEMO) is None
    again = policy.apply(DEMO)
    assert again.policy.revision == shown.policy.revision  # what clients have of this page is as good as before
    now[0] += 10
    assert policy.remembered(DEMO) is None


def test_the_revision_of_a_page_is_that_of_the_rules_about_it() -> None:
    def revision(*lines: str) -> str:
        return policy_of(*lines).apply(DEMO).policy.revision

    rule = f"{TARGET}/demo-pkg/1.0"
    assert revision(f"{TARGET}/other") == revision() == ""
    assert revision(rule) == revision(f"{TARGET}/other", rule)
    assert (
        len(
            {
                revision(rule),
                revision(f"{rule} reason=x"),
                revision(f"{rule} action=warn"),
                revision(rule.replace("1.0", "2")),
            }
        )
        == 4
    )


def test_a_rule_expires() -> None:
    now = [1_800_000_000.0]
    policy = policy_of(f"{TARGET}/demo-pkg until=2027-01-15T08:00:10Z", clock=lambda: now[0])
    assert policy.apply(DEMO).files == ()
    before = policy.revision
    now[0] += 10
    assert policy.apply(DEMO) is DEMO
    policy.require_file(DEMO, WHEEL)
    assert policy.revision != before


# -- files


def refusal(policy: Policy, project: Project = DEMO, file: File = WHEEL) -> Denied:
    with pytest.raises(Denied) as caught:
        policy.require_file(project, file)
    return caught.value


def test_a_denied_file_names_its_rule() -> None:
    told = Told()
    error = refusal(policy_of(f"{TARGET}/demo-pkg/1.0 reason=dmca", telemetry=told))
    assert str(error).startswith(
        f"this server's operator does not serve {WHEEL.filename} of demo-pkg in {REGISTRY} (dmca)"
    )
    assert error.rule == f"{TARGET}/demo-pkg/1.0"
    assert told.events == [(Event.DENIED, {"rule": error.rule})]
    policy_of(f"{TARGET}/demo-pkg/1.0").require_file(DEMO, SDIST)
    Policy().require_file(DEMO, WHEEL)


def test_all_files_of_a_denied_project_are_denied() -> None:
    assert refusal(policy_of(f"{TARGET}/demo-pkg"), file=SDIST).rule == f"{TARGET}/demo-pkg"
    assert refusal(policy_of(f"{TARGET} action=quarantine")).rule == TARGET
    # An exception for one file does not bring it back: a quarantined page must offer none (PEP 792).
    assert refusal(policy_of(f"{TARGET}/demo-pkg", f"!{TARGET}/demo-pkg/1.0")).rule == f"{TARGET}/demo-pkg"
