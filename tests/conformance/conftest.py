"""Options and fixtures: which index, which of its projects."""

from collections.abc import Iterator

import pytest

from .client import Index
from .pages import Project


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the suite."""
    group = parser.getgroup("conformance", "Simple Repository API")
    group.addoption("--index-url", metavar="URL", help="the index, as pip takes it")
    group.addoption("--project", action="append", default=[], metavar="NAME", help="a project of it; repeatable")
    group.addoption("--quarantined", metavar="NAME", help="a project of it that is quarantined (PEP 792)")
    group.addoption("--http-timeout", type=float, default=30.0, metavar="SECONDS", help="for one request; 30")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", "recommended: good practice beyond what the specifications demand")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Insist on what no check works without. Not called where this folder is only passed by."""
    if not session.config.getoption("--index-url") or not session.config.getoption("--project"):
        raise pytest.UsageError("give --index-url URL and at least one --project NAME")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the checks of project pages for each project."""
    if "project" in metafunc.fixturenames:
        names = metafunc.config.getoption("--project")
        metafunc.parametrize("project", names, indirect=True, ids=names, scope="session")


@pytest.fixture(scope="session")
def index(request: pytest.FixtureRequest) -> Iterator[Index]:
    """Return the index."""
    made = Index(request.config.getoption("--index-url"), request.config.getoption("--http-timeout"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def project(index: Index, request: pytest.FixtureRequest) -> Project:
    """Return one of the projects."""
    return Project(index, request.param)


@pytest.fixture(scope="session")
def quarantined(index: Index, request: pytest.FixtureRequest) -> Project:
    """Return the quarantined project."""
    name = request.config.getoption("--quarantined")
    if not name:
        pytest.skip("no --quarantined project was named")
    return Project(index, name)
