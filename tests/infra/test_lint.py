"""cfn-lint has nothing to say about the compiled templates."""

import json
from typing import Any

import pytest
from cfnlint.api import ManualArgs, lint

from tests.infra.stages import STAGES, template
from tests.support.aws.templates import Template

pytestmark = pytest.mark.node

BY_OSLS = ["W3005"]
"""It writes dependencies down that a reference says already."""


def findings(compiled: Template) -> list[str]:
    config = ManualArgs(ignore_checks=BY_OSLS, regions=["eu-central-1", "us-east-1"])
    matches: list[Any] = lint(json.dumps(compiled, indent=1), config=config)
    return [f"{match.rule.id} {match.message} ({match.linenumber})" for match in matches]


@pytest.mark.parametrize("stage", STAGES)
def test_nothing_is_found(stage: str) -> None:
    assert findings(template(stage)) == []


def test_a_mistake_is_found() -> None:
    compiled = template("dev")
    compiled["Resources"]["Table"]["Properties"]["BillingMode"] = "FREE"
    assert any(each.startswith("E3030") for each in findings(compiled))
