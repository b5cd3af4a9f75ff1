"""HTML pages, byte for byte."""

import pytest

from dipmp_lib.model.names import ProjectName
from dipmp_lib.model.pages import PagePolicy, PolicyNote, ProjectList
from dipmp_lib.simple_api import Format, clean, render_project
from dipmp_lib.simple_api.documents import list_document
from dipmp_lib.simple_api.markup import list_html
from tests.support.fakes.registry import REGISTRY, make_project, yanked
from tests.support.files.page import FILES, PROJECT, WHEEL


@pytest.mark.parametrize("fmt", [Format.HTML, Format.TEXT_HTML])
def test_html_page(fmt: Format) -> None:
    assert render_project(PROJECT, fmt).decode("ascii") == (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="pypi:repository-version" content="1.4">\n<meta name="pypi:project-status" content="active">\n'
        "<title>Links for demo-pkg</title>\n</head>\n<body>\n<h1>Links for demo-pkg</h1>\n"
        f'<a href="{FILES}demo_pkg-1.0-py3-none-any.whl#sha256={WHEEL.sha256.hex()}"'
        f' data-requires-python="&gt;=3.8,&lt;4" data-core-metadata="sha256={"22" * 32}"'
        f' data-dist-info-metadata="sha256={"22" * 32}">demo_pkg-1.0-py3-none-any.whl</a><br>\n'
        f'<a href="{FILES}demo_pkg-1.0.tar.gz#sha256={"11" * 32}"'
        ' data-yanked="breaks &quot;everything&quot; &lt;here&gt; &amp; there">demo_pkg-1.0.tar.gz</a><br>\n'
        "</body>\n</html>\n"
    )


def test_a_yank_without_reason_is_an_empty_attribute() -> None:
    assert b'data-yanked=""' in render_project(make_project("demo-pkg", yanked(WHEEL, "")), Format.HTML)
    assert b"data-yanked" not in render_project(make_project("demo-pkg", WHEEL), Format.HTML)


def test_text_outside_ascii_is_a_character_reference() -> None:
    reason = "zu groß 中文"
    page = render_project(make_project("demo-pkg", yanked(WHEEL, reason)), Format.HTML)
    assert page.isascii()
    assert b'data-yanked="zu gro&#223; &#20013;&#25991;"' in page
    assert clean(reason) == reason


def test_files_that_the_operator_withholds_are_counted() -> None:
    policy = PagePolicy(notes=(PolicyNote(rule="1", action="block"),), withheld=2)
    page = render_project(make_project("demo-pkg", WHEEL, policy=policy), Format.HTML)
    assert b"<p>The operator of this server does not offer 2 of this project's files.</p>" in page
    assert b"does not offer" not in render_project(make_project("demo-pkg", WHEEL), Format.HTML)


def test_a_list_may_be_below_another_folder() -> None:
    projects = ProjectList(registry=REGISTRY, head=bytes(32), count=1, names=(ProjectName("six"),))
    assert b'<a href="https://h/simple/r/six/">six</a>' in list_html(list_document(projects), "https://h/simple/r/")
