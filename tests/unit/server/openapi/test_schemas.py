"""The schemas of response bodies: valid themselves, true of what is rendered, and closed."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import jsonschema_rs
import pytest

from dipmp_lib.model.names import ProjectName
from dipmp_lib.model.pages import Note, PagePolicy, PolicyNote, ProjectList
from dipmp_lib.server.openapi.schemas import SCHEMAS
from dipmp_lib.simple_api import Format, render_list, render_project
from tests.support.fakes.registry import REGISTRY, yanked
from tests.support.systems.small_index import DEMO, SDIST, WHEEL

NOTE = PolicyNote(rule="list.deny:7", action="warn", filename=WHEEL.filename, reason="malware", ref="MAL-1")
PROJECTS = [
    DEMO,
    replace(DEMO, files=(yanked(WHEEL, "broken"), yanked(SDIST, ""))),
    replace(DEMO, notes=(Note(entry=1, code="sealed", filename="x", detail="late"),), incomplete=True),
    replace(DEMO, policy=PagePolicy(revision="r", notes=(NOTE,), withheld=1)),
]
LIST = ProjectList(registry=REGISTRY, head=b"\1" * 32, count=2, names=(ProjectName("demo-pkg"), ProjectName("six")))


def validator(name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(SCHEMAS[name])


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_valid(name: str) -> None:
    assert jsonschema_rs.meta.is_valid(SCHEMAS[name] | {"$schema": "https://json-schema.org/draft/2020-12/schema"})


@pytest.mark.parametrize("project", PROJECTS)
def test_project_pages_are_as_their_schema_says(project: Any) -> None:  # noqa: ANN401
    validator("ProjectPage").validate(json.loads(render_project(project, Format.JSON)))


def test_lists_are_as_their_schema_says() -> None:
    validator("ProjectList").validate(json.loads(render_list(LIST, Format.JSON)))


def without_each_member(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name in document:
        yield name, {key: value for key, value in document.items() if key != name}


def test_no_member_of_a_page_may_be_missing_and_none_added() -> None:
    document = json.loads(render_project(DEMO, Format.JSON))
    for name, changed in without_each_member(document):
        assert not validator("ProjectPage").is_valid(changed), name
    assert not validator("ProjectPage").is_valid(document | {"more": 1})


def test_a_digest_has_64_hexadecimal_digits() -> None:
    document = json.loads(render_project(DEMO, Format.JSON))
    changed = deepcopy(document)
    changed["files"][0]["hashes"]["sha256"] = "12"
    assert validator("ProjectPage").is_valid(document)
    assert not validator("ProjectPage").is_valid(changed)


@pytest.mark.parametrize(
    ("name", "body", "valid"),
    [
        ("Problem", {"title": "Not Found", "status": 404, "detail": "x"}, True),
        ("Problem", {"title": "Not Found", "status": 404, "detail": "x", "hint": "y", "code": "z"}, True),
        ("Problem", {"title": "OK", "status": 200, "detail": "x"}, False),
        ("Problem", {"title": "Not Found", "status": 404}, False),
        ("Health", {"status": "ok", "recent": {}}, True),
        ("Health", {"status": "degraded", "recent": {"RpcFailed": 2}}, True),
        ("Health", {"status": "bad", "recent": {}}, False),
        ("Health", {"status": "ok", "recent": {"RpcFailed": -1}}, False),
    ],
)
def test_problems_and_health(name: str, body: dict[str, Any], valid: bool) -> None:
    assert validator(name).is_valid(body) is valid
