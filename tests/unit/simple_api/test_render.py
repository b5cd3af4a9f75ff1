"""Whole pages, byte for byte: the same value gives the same bytes, and new bytes a new renderer's number."""

import hashlib
import json
from typing import Any

from dipmp_lib.ipfs.cid import file_cid
from dipmp_lib.model.names import ProjectName, RegistryAddress
from dipmp_lib.model.pages import Project, ProjectList
from dipmp_lib.simple_api import RENDERER, Format, render_list, render_project
from tests.support.fakes.registry import REGISTRY, make_project
from tests.support.files.page import ADDRESS, FILES, HEAD, PROJECT, PUBLISHER, WHEEL


def page(project: Project) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(render_project(project, Format.JSON))
    return document


def test_json_page() -> None:
    assert render_project(PROJECT, Format.JSON).decode() == (
        '{"meta":{"api-version":"1.4"},"name":"demo-pkg","project-status":{"status":"active"},"versions":["1.0"],"files":['
        '{"filename":"demo_pkg-1.0-py3-none-any.whl",'
        f'"url":"{FILES}demo_pkg-1.0-py3-none-any.whl",'
        f'"hashes":{{"sha256":"{WHEEL.sha256.hex()}"}},"size":5,"upload-time":"2023-11-14T22:13:20Z","yanked":false,'
        f'"requires-python":">=3.8,<4","core-metadata":{{"sha256":"{"22" * 32}"}},'
        f'"_dipmp":{{"cid":"{file_cid(WHEEL.sha256, None)}","publisher":"{PUBLISHER}","entry":0}}}},'
        '{"filename":"demo_pkg-1.0.tar.gz",'
        f'"url":"{FILES}demo_pkg-1.0.tar.gz",'
        f'"hashes":{{"sha256":"{"11" * 32}"}},"size":2097152,"upload-time":"2023-11-14T22:13:20Z",'
        '"yanked":"breaks \\"everything\\" <here> & there",'
        '"_dipmp":{"cid":"bafybeibtgmztgmztgmztgmztgmztgmztgmztgmztgmztgmztgmztgmztgm",'
        f'"publisher":"{PUBLISHER}","entry":1}}}}],'
        f'"_dipmp":{{"owner":"{PUBLISHER}","registry":"{ADDRESS}","head":"{HEAD}","entries":2,"incomplete":false,'
        '"notes":[{"entry":2,"code":"duplicate","filename":"demo_pkg-1.0.tar.gz","detail":"taken by entry 1"}]}}'
    )


def test_new_bytes_need_a_new_renderer_number() -> None:
    pages = b"".join(render_project(PROJECT, fmt) for fmt in Format)
    current = (RENDERER, hashlib.sha256(pages).hexdigest()[:16])
    assert current == (2, "9d97ebb2b2e531c4"), (
        "the bytes for an unchanged head are new: raise RENDERER, or clients keep old pages"
    )


def test_list_in_both_forms() -> None:
    names = (ProjectName("demo-pkg"), ProjectName("six"))
    projects = ProjectList(registry=REGISTRY, head=bytes(range(32)), count=2, names=names)
    assert render_list(projects, Format.JSON).decode() == (
        '{"meta":{"api-version":"1.4"},"projects":[{"name":"demo-pkg"},{"name":"six"}],'
        f'"_dipmp":{{"registry":"{ADDRESS}","head":"{HEAD}","entries":2,"incomplete":false,"notes":[]}}}}'
    )
    assert render_list(projects, Format.TEXT_HTML).decode("ascii") == (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="pypi:repository-version" content="1.4">\n<title>Projects of {ADDRESS}</title>\n</head>\n<body>\n'
        f"<h1>Projects of {ADDRESS}</h1>\n"
        '<a href="demo-pkg/">demo-pkg</a><br>\n<a href="six/">six</a><br>\n</body>\n</html>\n'
    )


def test_an_empty_project_and_list_are_pages_too() -> None:
    assert page(make_project("demo-pkg"))["files"] == []
    empty = ProjectList(registry=REGISTRY, head=b"\0" * 32, count=0, names=())
    assert json.loads(render_list(empty, Format.JSON))["projects"] == []


def test_equal_values_give_equal_bytes() -> None:
    again = make_project("demo-pkg", *PROJECT.files, head=PROJECT.head, notes=PROJECT.notes)
    for fmt in Format:
        assert render_project(PROJECT, fmt) == render_project(again, fmt)


def test_with_a_base_every_url_is_absolute() -> None:
    base = "https://index.example/prod/"
    [file] = json.loads(render_project(make_project("demo-pkg", PROJECT.files[0]), Format.JSON, base))["files"]
    assert file["url"] == f"{base}files/{ADDRESS}/demo-pkg/{PROJECT.files[0].filename}"
    at = RegistryAddress(REGISTRY.address, "base")
    projects = ProjectList(registry=at, head=bytes(32), count=1, names=(ProjectName("six"),))
    assert f'<a href="{base}simple/base:{ADDRESS}/six/">six</a>'.encode() in render_list(projects, Format.HTML, base)
    assert render_list(projects, Format.JSON, base) == render_list(projects, Format.JSON)
