"""The pages for people in Chromium: accessible, never wider than a phone, complete without scripts and mouse."""

import json
from typing import Any

import pytest

from tests.pages.people import RICH, pages, serving
from tests.support.fakes.registry import REGISTRY
from tests.support.programs.browser import run_checks
from tests.support.programs.required import require_browser
from tests.support.repository import CACHE

pytestmark = [pytest.mark.browser, pytest.mark.e2e]

SHOTS = CACHE / "pages"
SCHEMES, WIDTHS = ("light", "dark"), (360, 1280)
NAMES = [page["name"] for page in pages("")]
VIEWS = [(name, scheme, width) for name in NAMES for scheme in SCHEMES for width in WIDTHS]


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    """Return the report of one run of all checks; screenshots are left in .cache/pages."""
    chromium = str(require_browser())
    SHOTS.mkdir(parents=True, exist_ok=True)
    with serving() as url:
        travel = {"home": f"{url}/", "registry": str(REGISTRY), "query": "hyper", "project": RICH.name}
        orders = {"chromium": chromium, "folder": str(SHOTS), "schemes": SCHEMES, "widths": WIDTHS}
        return run_checks({**orders, "pages": pages(url), "journey": travel})


def found(report: dict[str, Any], name: str, scheme: str, width: int) -> dict[str, Any]:
    wanted = (name, scheme, width)
    [view] = [view for view in report["views"] if (view["name"], view["scheme"], view["width"]) == wanted]
    return dict(view)


@pytest.mark.parametrize(("name", "scheme", "width"), VIEWS)
def test_axe_finds_nothing(report: dict[str, Any], name: str, scheme: str, width: int) -> None:
    view = found(report, name, scheme, width)
    assert view["status"] == (404 if name == "error" else 200)
    assert view["violations"] == []
    assert view["unsure"] == []
    assert view["passes"] > 20


@pytest.mark.parametrize(("name", "scheme", "width"), VIEWS)
def test_nothing_is_wider_than_the_screen(report: dict[str, Any], name: str, scheme: str, width: int) -> None:
    assert found(report, name, scheme, width)["overflowing"] == []


@pytest.mark.parametrize(("name", "scheme", "width"), VIEWS)
def test_the_browser_complains_of_nothing(report: dict[str, Any], name: str, scheme: str, width: int) -> None:
    complaints = found(report, name, scheme, width)["complaints"]
    if name == "error":
        complaints = [text for text in complaints if "status of 404" not in text]
    assert complaints == []


@pytest.mark.parametrize("name", NAMES)
def test_the_keyboard_reaches_everything_in_order(report: dict[str, Any], name: str) -> None:
    [keys] = [keys for keys in report["keys"] if keys["name"] == name]
    assert keys["all"] >= 3
    assert keys["reached"] == list(range(keys["all"]))
    assert keys["unseen"] == []


def test_without_scripts_and_mouse(report: dict[str, Any]) -> None:
    travelled = report["journey"]
    assert travelled["opened"].endswith(f"/registry/{REGISTRY}/")
    assert travelled["names"] == [RICH.name]
    assert travelled["landed"].endswith(f"/project/{REGISTRY}/{RICH.name}/")
    assert travelled["title"] == f"{RICH.name} · dipmp"
    assert travelled["hash"] is True


def test_a_screenshot_of_every_view(report: dict[str, Any]) -> None:
    assert report
    for name, scheme, width in VIEWS:
        assert (SHOTS / f"{name}-{scheme}-{width}.png").stat().st_size > 5_000, json.dumps([name, scheme, width])
