"""The index of tests/support names each of its modules once, with a sentence."""

import re

from tests.support.repository import ROOT

SUPPORT = ROOT / "tests" / "support"
_LINE = re.compile(r"## (?P<folder>\w+)|\| `(?P<module>[\w/]+\.py)` \| (?P<sentence>.+) \|")


def indexed() -> list[tuple[str, str]]:
    """Return the path and the sentence of each line of the index."""
    folder, found = "", []
    for match in filter(None, map(_LINE.fullmatch, (SUPPORT / "README.md").read_text("utf-8").splitlines())):
        if match["folder"]:
            folder = f"{match['folder']}/"
        else:
            found.append((folder + match["module"], match["sentence"]))
    return found


def test_the_index_names_each_module_once() -> None:
    modules = sorted(path.relative_to(SUPPORT).as_posix() for path in SUPPORT.rglob("*.py"))
    assert sorted(path for path, _ in indexed()) == modules


def test_no_two_modules_have_the_same_sentence() -> None:
    sentences = [sentence for _, sentence in indexed()]
    assert len(set(sentences)) == len(sentences)
