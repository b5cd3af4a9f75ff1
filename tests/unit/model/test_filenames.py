"""File names: the vectors, and `packaging` as the second opinion."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.utils import InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename

from dipmp_lib.errors import InvalidFilename
from dipmp_lib.model.filenames import MAX_FILENAME, parse_filename
from dipmp_lib.model.names import is_project_name
from tests.support.files.log_vectors import Vector, label, load

VECTORS = load("filenames.json")

word = st.from_regex(r"[A-Za-z0-9._]{1,8}", fullmatch=True)
version = st.sampled_from(["1.0", "1!2.0rc1", "0.0", "v1-1", "1.0+a_1", "1.0.DEV3", "x", "1.0.", "2024.01.02"])
nearly_valid = st.one_of(
    st.builds("-".join, st.lists(word | version, min_size=1, max_size=7)).flatmap(
        lambda stem: st.sampled_from([".whl", ".tar.gz", ".zip", "", ".WHL"]).map(lambda end: stem + end)
    ),
    st.builds("{}-{}-py3-none-any.whl".format, word, version),
    st.builds("{}-{}.tar.gz".format, st.from_regex(r"[A-Za-z0-9._-]{1,8}", fullmatch=True), version),
)
mutated = st.builds(
    lambda text, at, extra: text[:at] + extra + text[at:],
    nearly_valid,
    st.integers(0, 40),
    st.sampled_from(["", "\n", "\0", " ", "-", ".", "\u0661", "\u017f", "+", "!", "/"]),
)


@pytest.mark.parametrize("row", VECTORS["valid"], ids=label)
def test_valid(row: Vector) -> None:
    name = parse_filename(row["text"])
    assert (name.text, name.kind, name.project) == (row["text"], row["kind"], row["project"])
    assert (name.version, name.version_key) == (row["version"], row["version_key"])
    assert (name.build, list(name.tags)) == (row["build"], row["tags"])


@pytest.mark.parametrize("row", VECTORS["invalid"], ids=label)
def test_invalid(row: Vector) -> None:
    with pytest.raises(InvalidFilename) as refused:
        parse_filename(row["text"])
    assert refused.value.hint
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("row", VECTORS["same"], ids=label)
def test_one_file(row: list[str]) -> None:
    one, other = map(parse_filename, row)
    assert one.key == other.key


@pytest.mark.parametrize("row", VECTORS["different"], ids=label)
def test_two_files(row: list[str]) -> None:
    one, other = map(parse_filename, row)
    assert one.key != other.key


@given(st.text() | mutated)
def test_total_and_packaging_agrees(text: str) -> None:
    try:
        name = parse_filename(text)
    except InvalidFilename:
        return
    assert text.isascii()
    assert len(text) <= MAX_FILENAME
    assert is_project_name(name.project)
    if name.kind == "sdist":
        project, theirs = parse_sdist_filename(text)
    else:
        try:
            project, theirs, build, tags = parse_wheel_filename(text)
        except InvalidWheelFilename:
            assert _refused_by_packaging_only(text)
            return
        assert bool(build) == bool(name.build)
        assert len(tags) >= 1
    assert (str(name.project), name.version) == (str(project), str(theirs))


def _refused_by_packaging_only(text: str) -> bool:
    """Tell whether a wheel is one of the known differences (docs/log-format.md, annex)."""
    project, *_, python, abi, platform = text.removesuffix(".whl").split("-")
    parts = [*python.split("."), *abi.split("."), *platform.split(".")]
    return "__" in project or "" in parts or not all(tag.isidentifier() for tag in python.split("."))
