"""The source of rules without lists, and the one that settings open."""

from pathlib import Path

import pytest

from dipmp_lib.errors import InvalidSettings
from dipmp_lib.server.policy import RuleSource, open_source
from dipmp_lib.server.policy.source import NO_LISTS
from tests.support.files.denylists import TARGET, write_denylist


def test_without_files_nothing_is_ever_due() -> None:
    source = RuleSource()
    source.check()
    assert (source.due(), source.watches, bool(source.rules)) == (False, False, False)


def test_no_paths_open_the_source_without_lists() -> None:
    assert open_source(()) is NO_LISTS


def test_paths_open_a_source_that_watches_its_files(tmp_path: Path) -> None:
    source = open_source([str(write_denylist(tmp_path, TARGET))])
    assert source.watches
    assert source.rules


def test_a_file_that_is_not_there_is_a_mistake_in_the_settings(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match=r"none\.deny"):
        open_source([str(tmp_path / "none.deny")])
