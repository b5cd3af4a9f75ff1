"""The order of versions, against `packaging`."""

from hypothesis import given
from hypothesis import strategies as st
from packaging.version import Version

from dipmp_lib.model.versions import canonical_version, is_prerelease, version_order

numbers = st.integers(0, 12) | st.sampled_from([10**30, 2024])
suffixes = st.builds(
    lambda pre, post, dev, local: pre + post + dev + local,
    st.sampled_from(["", "a0", "a1", "b2", "rc1", "rc10"]),
    st.sampled_from(["", ".post0", ".post3"]),
    st.sampled_from(["", ".dev0", ".dev12"]),
    st.sampled_from(["", "+a", "+1", "+a.1", "+a.b", "+10", "+2", "+ubuntu.1.2"]),
)
versions = st.builds(
    lambda epoch, release, suffix: epoch + ".".join(map(str, release)) + suffix,
    st.sampled_from(["", "1!"]),
    st.lists(numbers, min_size=1, max_size=4),
    suffixes,
).map(lambda text: canonical_version(text) or "")


@given(versions, versions)
def test_the_order_is_that_of_packaging(one: str, other: str) -> None:
    left, right = version_order(one), version_order(other)
    assert (left < right) == (Version(one) < Version(other))
    assert (left == right) == (Version(one) == Version(other))


@given(versions)
def test_prereleases_are_those_of_packaging(text: str) -> None:
    assert is_prerelease(text) == Version(text).is_prerelease


@given(st.text(max_size=40) | st.just("1." * 300 + "0"))
def test_total(text: str) -> None:
    assert (version_order(text) > ()) == (canonical_version(text) is not None and canonical_version(text) == text)
    assert is_prerelease(text) in (True, False)
