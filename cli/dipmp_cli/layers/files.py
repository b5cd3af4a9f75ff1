"""The files that settings come from: which they are, and reading them."""

import os
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dipmp_lib.errors import InvalidSettings

CONFIG_VARIABLE = "DIPMP_CONFIG"
MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A file's tables and its permission bits."""

    document: Mapping[str, object] = field(repr=False)
    mode: int


def config_path(environment: Mapping[str, str]) -> Path:
    """Return the configuration file: DIPMP_CONFIG, or `config.toml` in the platform's folder for dipmp."""
    named = environment.get(CONFIG_VARIABLE, "").strip()
    if named:
        return Path(named).expanduser().absolute()
    import platformdirs

    return platformdirs.user_config_path("dipmp") / "config.toml"


def pyproject_path(folder: Path) -> Path | None:
    """Return the nearest pyproject.toml, in the folder or above it."""
    return next((path for each in (folder, *folder.parents) if (path := each / "pyproject.toml").is_file()), None)


def read_toml(path: Path) -> TomlFile:
    """Read a TOML file of at most 1 MiB. Raises InvalidSettings, which never shows what is in it."""
    try:
        with path.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            data = stream.read(MAX_BYTES + 1) if stat.S_ISREG(mode) else None
    except OSError as error:
        raise InvalidSettings([f"{path} cannot be read: {error.strerror}"]) from None
    if data is None or len(data) > MAX_BYTES:
        raise InvalidSettings([f"{path} is not a regular file of at most {MAX_BYTES} bytes"])
    try:
        return TomlFile(tomllib.loads(data.decode()), stat.S_IMODE(mode))
    except UnicodeDecodeError:
        raise InvalidSettings([f"{path} is not TOML: it is not UTF-8"]) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidSettings([f"{path} is not TOML: {_place(str(error))}"]) from None


def _place(message: str) -> str:
    """Return where the parser stopped: what it says besides may quote the file."""
    _, at, place = message.rpartition("(at ")
    return f"there is a mistake at {place.rstrip(')')}" if at else "it cannot be parsed"
