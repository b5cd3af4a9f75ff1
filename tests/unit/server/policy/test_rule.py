"""One rule in a list: what is parsed, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.errors import InvalidDenylist
from dipmp_lib.server.policy.denylist import parse_denylist
from dipmp_lib.server.policy.rule import PREFIX, RuleAction, parse_rule
from dipmp_lib.server.policy.rules import RuleSet
from tests.support.fakes.registry import REGISTRY, make_file

ADDRESS = REGISTRY.checksummed
HERE = (8453, REGISTRY.address)
NAME = f"eip155:8453:{ADDRESS}"
WHEEL = make_file("demo_pkg-1.0-py3-none-any.whl", "1.0")
SHA = WHEEL.sha256.hex()
NOW = 1_800_000_000.0  # 2027-01-15T08:00:00Z


def rules(*lines: str, header: str = "---\n") -> RuleSet:
    return RuleSet([parse_denylist((header + "".join(f"{line}\n" for line in lines)).encode())])


def test_a_rule_with_everything() -> None:
    rule = parse_rule(
        f"{PREFIX} {NAME}/Demo.Pkg/v1.0 sha256={SHA.upper()} action=quarantine reason=malware ref=MAL-2026-1 "
        "until=2030-12-31 sor=SOR-7 x-note=ours"
    )
    assert (rule.chain_id, rule.address, rule.project, rule.version_key) == (*HERE, "demo-pkg", "1")
    assert (rule.action, rule.reason, rule.ref, rule.sor) == (RuleAction.QUARANTINE, "malware", "MAL-2026-1", "SOR-7")
    assert rule.sha256 == WHEEL.sha256
    assert rule.until == 1_924_992_000.0  # 2031-01-01T00:00:00Z: the day is included
    assert rule.id == f"{NAME}/Demo.Pkg/v1.0"


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("2027-01-15T08:00Z", NOW),
        ("2027-01-15T08:00:00", NOW),
        ("2027-01-15T09:00+01:00", NOW),
        ("2027-01-14", NOW - 28800),
    ],
)
def test_until(text: str, until: float) -> None:
    assert parse_rule(f"{PREFIX} {NAME} until={text}").until == until


@pytest.mark.parametrize(
    "line",
    [
        "",
        "demo",
        "*",
        "* action=block",
        "eip155:0:0x" + "00" * 20,
        "eip155:1:0x" + "00" * 19,
        f"eip155:8453:{ADDRESS.swapcase().replace('0X', '0x')}",
        f"{NAME}/",
        f"{NAME}/de mo",
        f"{NAME}/-demo",
        f"{NAME}/demo/1.0/x",
        f"{NAME}/demo/not-a-version",
        f"{NAME}/demo/other.whl",
        f"{NAME}/demo/other-1.0.tar.gz",
        f"{NAME} sha265={SHA}",
        f"{NAME} sha256={SHA[:-1]}",
        f"{NAME} sha256={SHA} sha256={SHA}",
        f"{NAME} action=delete",
        f"{NAME} action=allow",
        f"{NAME} action",
        f"{NAME} reason=<b>",
        f"{NAME} ref=",
        f"{NAME} until=2030-13-01",
        f"{NAME} until=tomorrow",
        f"{NAME} until=9999-12-31",
        f"!{NAME} action=block",
        f"!!{NAME}",
        f"{NAME} x" + "x" * 5000,
    ],
)
def test_what_is_no_rule(line: str) -> None:
    with pytest.raises(InvalidDenylist):
        parse_rule(f"{PREFIX} {line}")
    assert rules(f"{PREFIX} {line}").project(HERE, "demo", NOW) is None


@given(st.text(max_size=60), st.sampled_from([NAME, "*", f"{NAME}/demo-pkg", ""]))
def test_any_text_is_a_rule_or_none(text: str, start: str) -> None:
    try:
        rule = parse_rule(f"{PREFIX} {start}{text}")
    except InvalidDenylist:
        return
    assert all("!" <= char <= "~" for char in rule.id) or not rule.id.isascii()
