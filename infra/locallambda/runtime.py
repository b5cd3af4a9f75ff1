"""The Lambda runtime on this machine: an interpreter, and the runtime client as AWS publishes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.interpreters import find

ROOT = Path(__file__).parents[2]
VERSIONS = ("3.13", "3.12", "3.11")


@dataclass(frozen=True, slots=True)
class Runtime:
    """`version` is such as 3.13; `client` the folder that awslambdaric and boto3 were installed to."""

    version: str
    python: Path
    client: Path

    @property
    def name(self) -> str:
        """The runtime's identifier, as in a function's configuration."""
        return f"python{self.version}"


def client_folder(version: str) -> Path:
    """Return where `make lambda-runtime` puts the client for one version of Python."""
    return ROOT / ".tools" / f"lambda-runtime-{version}"


def find_runtime(versions: Sequence[str] = VERSIONS) -> Runtime | None:
    """Return the first version that there is an interpreter and an installed client for, None for none."""
    for version in versions:
        client = client_folder(version)
        python = find(version) if (client / "ready").is_file() else None
        if python is not None:
            return Runtime(version, python, client)
    return None
