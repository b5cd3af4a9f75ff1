"""What a file's name says of its project and version (binary distribution format, PEP 625)."""

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import InvalidVersion, Version


def filename_problem(filename: str, project: str) -> str:
    """Return what is wrong with a file's name, "" if nothing."""
    try:
        wheel = filename.endswith(".whl")
        name = parse_wheel_filename(filename)[0] if wheel else parse_sdist_filename(filename)[0]
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion) as error:
        return str(error)
    return "" if name == canonicalize_name(project) else f"{filename}: its project is {name}, not {project}"


def version_of(filename: str) -> Version | None:
    """Return the version in a file's name, None if it has none that can be read."""
    try:
        wheel = filename.endswith(".whl")
        return parse_wheel_filename(filename)[1] if wheel else parse_sdist_filename(filename)[1]
    except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
        return None
