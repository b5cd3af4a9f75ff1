"""Files and project pages of another index, as the mirror reads them."""

import hashlib
from typing import Any

from dipmp_lib.model.filenames import parse_filename
from dipmp_lib.model.names import ProjectName
from dipmp_lib.publish.mirror.page_parser import SourceFile, SourcePage


def source_file(name: str, requires_python: str = "", content: bytes = b"x", **changes: Any) -> SourceFile:  # noqa: ANN401
    """Return the record of a file with the given bytes; `changes` replace parts of it."""
    values: dict[str, Any] = {
        "filename": parse_filename(name),
        "url": f"https://files.example/{name}",
        "sha256": hashlib.sha256(content).digest(),
        "size": len(content),
        "requires_python": requires_python,
        "yanked": False,
        "metadata_sha256": None,
    }
    return SourceFile(**(values | changes))


def source_page(project: str, *files: SourceFile | str) -> SourcePage:
    """Return a page of files, or of their names."""
    listed = (source_file(each) if isinstance(each, str) else each for each in files)
    return SourcePage(ProjectName(project), tuple(listed), ())
