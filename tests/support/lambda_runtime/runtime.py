"""The Lambda runtime on this machine: an interpreter and the runtime client that AWS publishes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.interpreters import find
from tests.support.repository import TOOLS

VERSIONS = ("3.13", "3.12", "3.11")


@dataclass(frozen=True, slots=True)
class Runtime:
    """`version` is a minor version ("3.13"), `client` the folder with awslambdaric and boto3."""

    version: str
    python: Path
    client: Path

    @property
    def name(self) -> str:
        """The runtime's identifier, as in a function's configuration."""
        return f"python{self.version}"


def client_folder(version: str) -> Path:
    """Return the folder to which `make lambda-runtime` installs the client for one version of Python."""
    return TOOLS / f"lambda-runtime-{version}"


def find_runtime(versions: Sequence[str] = VERSIONS) -> Runtime | None:
    """Return the first version with an interpreter and an installed client, None if there is none."""
    for version in versions:
        client = client_folder(version)
        python = find(version) if (client / "ready").is_file() else None
        if python is not None:
            return Runtime(version, python, client)
    return None
