"""File names in the one spelling that build tools give them today. Sources: PEP 427, 503, 625."""

from ..filenames import Filename
from ..versions import canonical_version
from .findings import Findings


def check_name(filename: Filename, version: str, findings: Findings) -> None:
    """The fold takes every spelling for the same file; indexes take one alone. `version` is the metadata's."""
    name = filename.project.replace("-", "_")
    if filename.kind == "bdist_wheel":
        written = filename.text.split("-")[0]
        if written != name:
            findings.form(f"begins with {written}, where the normalised name {name} belongs")
        return
    normal = canonical_version(version.strip()) or filename.version
    expected = f"{name}-{normal}.tar.gz"
    if filename.text != expected:
        findings.form(f"is not named {expected}, as an sdist of this project and version is")
