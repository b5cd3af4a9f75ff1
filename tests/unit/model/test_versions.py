"""Versions, their order and specifier sets: the vectors, and `packaging` as the second opinion."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_version
from packaging.version import InvalidVersion, Version

from dipmp_lib.model.versions import canonical_version, is_prerelease, is_specifier_set, parse_version, version_order
from tests.support.files.log_vectors import Vector, label, load

VERSIONS = load("versions.json")
SPECIFIERS = load("specifiers.json")

number = st.from_regex(r"[0-9]{1,4}", fullmatch=True)
separator = st.sampled_from(["", ".", "-", "_"])
letters = st.sampled_from(
    ["a", "alpha", "b", "beta", "c", "rc", "pre", "preview", "post", "rev", "r", "dev", "A", "DEV"]
)
versions = st.builds(
    lambda v, epoch, release, parts, local: v + epoch + ".".join(release) + "".join(parts) + local,
    st.sampled_from(["", "v", "V"]),
    st.just("") | number.map(lambda n: f"{n}!"),
    st.lists(number, min_size=1, max_size=4),
    st.lists(st.builds("{}{}{}{}".format, separator, letters | st.just(""), separator, number | st.just(""))),
    st.just("") | st.from_regex(r"\+[a-zA-Z0-9]{1,3}([._-][a-z0-9]{1,3}){0,2}", fullmatch=True),
)
clauses = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["==", "!=", "===", "~=", "<=", ">=", "<", ">", "=", ""]),
    st.sampled_from(["", " ", "  ", "\t"]),
    versions,
    st.sampled_from(["", ".*", " ", ";"]),
)


@pytest.mark.parametrize("row", VERSIONS["valid"], ids=label)
def test_version(row: Vector) -> None:
    version = parse_version(row["text"])
    assert version is not None
    assert (version.normal, version.key) == (row["normal"], row["key"])
    assert parse_version(version.normal) == version, "the normal form is its own normal form"


@pytest.mark.parametrize("row", VERSIONS["invalid"], ids=label)
def test_no_version(row: Vector) -> None:
    assert canonical_version(row["text"]) is None


@given(versions | st.text())
@example("1.0\n")
def test_total_and_packaging_agrees_on_versions(text: str) -> None:
    ours = parse_version(text)
    try:
        theirs = Version(text)
    except InvalidVersion:
        assert ours is None
        return
    if ours is None:
        assert text != text.strip() or len(text) > 255, "only whitespace around it is read differently"
        return
    assert ours.normal == str(theirs)
    assert ours.key == canonicalize_version(theirs)


@given(versions, versions)
def test_keys_are_equal_for_equal_versions_only(one: str, other: str) -> None:
    left, right = parse_version(one), parse_version(other)
    if left and right:
        assert (left.key == right.key) == (Version(one) == Version(other))


@pytest.mark.parametrize("row", SPECIFIERS["valid"], ids=label)
def test_specifiers(row: Vector) -> None:
    assert is_specifier_set(row["text"])
    SpecifierSet(row["text"])


@pytest.mark.parametrize("row", SPECIFIERS["invalid"], ids=label)
def test_no_specifiers(row: Vector) -> None:
    assert not is_specifier_set(row["text"])


@pytest.mark.slow
@given(st.lists(clauses, max_size=3).map(",".join) | st.text())
def test_total_and_packaging_accepts_what_we_accept(text: str) -> None:
    if is_specifier_set(text):
        assert text.isascii()
        SpecifierSet(text)


@pytest.mark.parametrize(
    "text", ["1" * 100_000, "1." * 100_000, "1-" * 100_000, ">=" * 100_000, "1.0+" + "a." * 50_000, "," * 100_000]
)
def test_hostile_length_costs_nothing(text: str) -> None:
    started = time.process_time()
    assert canonical_version(text) is None
    assert not is_specifier_set(text)
    assert time.process_time() - started < 5  # and the square of that length takes hours


numbers = st.integers(0, 12) | st.sampled_from([10**30, 2024])
suffixes = st.builds(
    lambda pre, post, dev, local: pre + post + dev + local,
    st.sampled_from(["", "a0", "a1", "b2", "rc1", "rc10"]),
    st.sampled_from(["", ".post0", ".post3"]),
    st.sampled_from(["", ".dev0", ".dev12"]),
    st.sampled_from(["", "+a", "+1", "+a.1", "+a.b", "+10", "+2", "+ubuntu.1.2"]),
)
normal_versions = st.builds(
    lambda epoch, release, suffix: epoch + ".".join(map(str, release)) + suffix,
    st.sampled_from(["", "1!"]),
    st.lists(numbers, min_size=1, max_size=4),
    suffixes,
).map(lambda text: canonical_version(text) or "")


@given(normal_versions, normal_versions)
def test_the_order_is_that_of_packaging(one: str, other: str) -> None:
    left, right = version_order(one), version_order(other)
    assert (left < right) == (Version(one) < Version(other))
    assert (left == right) == (Version(one) == Version(other))


@given(normal_versions)
def test_prereleases_are_those_of_packaging(text: str) -> None:
    assert is_prerelease(text) == Version(text).is_prerelease


@given(st.text(max_size=40) | st.just("1." * 300 + "0"))
def test_total_on_order(text: str) -> None:
    assert (version_order(text) > ()) == (canonical_version(text) is not None and canonical_version(text) == text)
    assert is_prerelease(text) in (True, False)
