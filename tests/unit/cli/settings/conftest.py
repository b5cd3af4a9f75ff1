"""A folder with a project in it."""

from pathlib import Path

import pytest

from tests.support.files.config import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "checkout" / "deep" / "below").mkdir(parents=True)
    (tmp_path / "checkout" / "pyproject.toml").write_text('[project]\nname = "demo"\n')
    return Place(tmp_path)
