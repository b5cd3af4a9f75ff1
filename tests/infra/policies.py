"""Policies of a compiled template as sets of (action, resource), which tests compare as a whole."""

import json
from typing import Any

from tests.support.aws.templates import Template

Grant = tuple[str, str]
_ACCOUNT = {"AWS::Partition": "aws", "AWS::Region": "REGION", "AWS::AccountId": "ACCOUNT", "AWS::URLSuffix": "SUFFIX"}


def text(value: Any) -> str:  # noqa: ANN401 - what JSON holds
    """Return a resource's name: `Id` for a Ref, `Id.Attribute` for a GetAtt, a Sub with its pseudo parameters."""
    if isinstance(value, str):
        return value
    name, argument = next(iter(value.items()))
    if name == "Fn::GetAtt":
        return ".".join(argument)
    if name == "Fn::Sub":
        for pseudo, word in _ACCOUNT.items():
            argument = argument.replace(f"${{{pseudo}}}", word)
    return str(argument)


def every(value: Any) -> list[Any]:  # noqa: ANN401
    """Return the value as a list."""
    return value if isinstance(value, list) else [value]


def statements(template: Template, role: str) -> list[dict[str, Any]]:
    """Return all statements of a role, with those that a condition adds."""
    properties = template["Resources"][role]["Properties"]
    assert set(properties) <= {"AssumeRolePolicyDocument", "Policies", "Tags"}, "no managed policy"
    found = []
    for policy in properties["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            choices = statement["Fn::If"][1:] if "Fn::If" in statement else [statement]
            found += [each for each in choices if each != {"Ref": "AWS::NoValue"}]
    return found


def grants(template: Template, role: str) -> set[Grant]:
    """Return what a role allows; it denies nothing."""
    found = set()
    for statement in statements(template, role):
        assert statement["Effect"] == "Allow"
        assert not {"NotAction", "NotResource"} & statement.keys(), json.dumps(statement)
        found |= {
            (action, text(each)) for action in every(statement["Action"]) for each in every(statement["Resource"])
        }
    return found
