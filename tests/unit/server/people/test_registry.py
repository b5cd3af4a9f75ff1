"""The view of a registry: its facts, its projects in pages, and a search among them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dipmp_lib.model.names import ProjectName, RegistryAddress
from dipmp_lib.model.pages import ProjectList
from dipmp_lib.registry import CachedRegistry
from dipmp_lib.server.people.registry import (
    MAX_QUERY,
    NAMES_PER_PAGE,
    Views,
    registry_view,
    search,
    served_registry,
)
from dipmp_lib.server.policy import Policy
from dipmp_lib.server.services import Services, Site
from tests.support.fakes.registry import REGISTRY, FakeGateways, FakeRegistry
from tests.support.systems.small_index import DEMO


def listed(*names: str) -> ProjectList:
    found = tuple(ProjectName(name) for name in names)
    return ProjectList(registry=REGISTRY, head=b"\7" * 32, count=len(names) + 1, names=found)


NAMES = [ProjectName(name) for name in ("a-zope", "zope", "zope-interface", "the-zope", "other")]


def test_the_name_itself_comes_first_then_those_that_begin_with_it() -> None:
    assert search(NAMES, "zope") == ["zope", "zope-interface", "a-zope", "the-zope"]


@pytest.mark.parametrize("query", ["Zope.Interface", "zope_interface", "ZOPE--interface"])
def test_names_are_compared_in_their_normal_form(query: str) -> None:
    assert search(NAMES, query) == ["zope-interface"]


@given(st.text())
def test_any_text_is_a_query(query: str) -> None:
    assert set(search(NAMES, query)) <= set(NAMES)
    view = registry_view(listed(*NAMES), query, 1)
    assert len(view.query) <= MAX_QUERY
    assert view.found == len(view.names) <= view.projects == len(NAMES)


def test_facts_of_a_registry() -> None:
    view = registry_view(listed("b", "a"), "", 1)
    assert (view.address, view.head, view.entries) == (str(REGISTRY), "0x" + "07" * 32, 3)
    assert (view.projects, view.found, view.query, view.incomplete, view.note_count) == (2, 2, "", False, 0)


def test_names_come_in_pages_and_the_last_stands_for_those_after_it() -> None:
    names = [f"p{number:04}" for number in range(NAMES_PER_PAGE + 1)]
    first, last = (registry_view(listed(*names), "", number) for number in (1, 9))
    assert [*first.names, *last.names] == names
    assert (first.number, last.number, last.count) == (1, 2, 2)


@pytest.mark.parametrize(
    ("site", "registry", "chain_id", "url"),
    [
        (Site("https://h.example", 8453), REGISTRY, 8453, f"https://h.example/simple/{REGISTRY}/"),
        (Site("", None), REGISTRY, None, f"https://SERVER/simple/{REGISTRY}/"),
        (
            Site("", 1),
            RegistryAddress(REGISTRY.address, "base"),
            8453,
            f"https://SERVER/simple/base:{REGISTRY}/",
        ),
    ],
)
def test_how_a_registry_is_served(site: Site, registry: RegistryAddress, chain_id: int | None, url: str) -> None:
    found = served_registry(site, registry, pinned=True)
    assert (found.chain_id, found.index.url, found.known) == (chain_id, url, bool(site.host_url))
    assert (found.chain, found.pinned, found.address) == (registry.chain, True, REGISTRY.checksummed)


def test_an_explorer_is_that_of_the_chain_or_none() -> None:
    known, unknown = (served_registry(Site("", chain_id), REGISTRY, pinned=False) for chain_id in (8453, 31337))
    assert known.explorer("0x12") == "https://basescan.org/address/0x12"
    assert unknown.explorer("0x12") == ""


ELSEWHERE = RegistryAddress(b"\1" * 20)


@pytest.mark.parametrize(("pins", "pinned"), [((), False), ((REGISTRY,), True), ((ELSEWHERE,), False)])
def test_only_a_server_with_pins_says_that_a_registry_is_pinned(
    pins: tuple[RegistryAddress, ...], pinned: bool
) -> None:
    services = Services(
        CachedRegistry(FakeRegistry(DEMO)), FakeGateways(), policy=Policy(pinned=pins), site=Site(pinned=pins)
    )
    values = Views(services).registry(listed("demo-pkg"), {"q": "none", "page": "x"})
    assert values["served"] == served_registry(services.site, REGISTRY, pinned=pinned)
    assert values["view"] == registry_view(listed("demo-pkg"), "none", 1)
    assert Views(services).project(DEMO, {})["served"] == values["served"]
