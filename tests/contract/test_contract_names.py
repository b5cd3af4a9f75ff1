"""Project names: PEP 503 normal form of at most 128 characters, rejected otherwise and never normalised."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dipmp_lib.model.names import is_project_name
from tests.contract.backends import Backend, EmbeddedBackend
from tests.contract.harness import Refusal, Registry
from tests.support.exploring import examples

NORMAL = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
ACCEPTED = ["a", "0", "a-b", "2to3", "zope-interface", "a-0-b-1", "x" * 128, "-".join("a" * 64) + "b"]
REJECTED = [
    *["", "-", "a-", "-a", "a--b", "A", "Flask", "zope.interface", "ruamel_yaml", "a b", " a", "a\n", "a\0", "a/b"],
    *["é", "а", "ａ", "ﬀ", "a\u200b", "x" * 129, "a" * 5000, "-".join("a" * 65)],  # noqa: RUF001
]


@pytest.mark.parametrize("name", ACCEPTED)
def test_normal_forms_are_accepted(registry: Registry, name: str) -> None:
    registry.claim(registry.owner, name, registry.owner)
    registry.assert_agrees()


def test_everything_else_is_rejected_with_the_name(registry: Registry) -> None:
    for name in REJECTED:
        refusal = registry.refusal(registry.owner, "claim", name, registry.owner, b"")
        assert refusal == Refusal("InvalidName", (name,))


@pytest.fixture(scope="module")
def free_registry() -> Registry:
    backend: Backend = EmbeddedBackend()
    return Registry(backend)


LIKELY = st.text(alphabet="ab09-_.AZ", max_size=12)
LENGTHS = st.integers(min_value=125, max_value=131).map(lambda length: "k" * length)


@pytest.mark.evm
@settings(max_examples=examples(300))
@given(name=st.one_of(LIKELY, st.text(max_size=20), LENGTHS))
@example(name="a-" * 64)
def test_the_contract_the_expression_and_the_library_agree(free_registry: Registry, name: str) -> None:
    wanted = len(name) <= 128 and NORMAL.fullmatch(name) is not None
    assert is_project_name(name) == wanted
    if wanted:
        free_registry.call("claim", name, free_registry.owner, b"")
    else:
        refusal = free_registry.refusal(free_registry.owner, "claim", name, free_registry.owner, b"")
        assert refusal == Refusal("InvalidName", (name,))
