"""Denylists: as text, as a file, and as the rules of a policy."""

from collections.abc import Mapping
from pathlib import Path

from dipmp_lib.model.names import RegistryAddress
from dipmp_lib.server.policy import Policy, RuleSource
from dipmp_lib.server.policy.denylist import parse_denylist
from dipmp_lib.server.policy.rules import RuleSet
from tests.support.fakes.registry import REGISTRY

CHAIN_ID = 8453
POLICY_URL = "https://index.example/policy"
HEADER = f"version: 1\nname: Test\nauthor: abuse@index.example\nx-dipmp:\n  policy_url: {POLICY_URL}\n---\n"
TARGET = f"eip155:{CHAIN_ID}:{REGISTRY.checksummed}"


def denylist(*lines: str) -> str:
    """Return a list with a header and these lines; a target without `#dipmp:` gets it."""
    return HEADER + "".join(f"{line}\n" for line in map(as_line, lines))


def as_line(line: str) -> str:
    """Return the line as in a file."""
    return f"#dipmp: {line}" if line.lstrip("!").startswith(("eip155:", "*")) else line


def write_denylist(folder: Path, *lines: str) -> Path:
    """Write a list into a folder."""
    path = folder / "test.deny"
    path.write_text(denylist(*lines))
    return path


def append(path: Path, *lines: str) -> None:
    """Append lines to a list."""
    with path.open("a") as file:
        file.write("".join(f"{as_line(line)}\n" for line in lines))


class Rulings(RuleSource):
    """A source of rules that a test sets."""

    watches = True

    def __init__(self, *lines: str) -> None:
        self.put(*lines)

    def put(self, *lines: str) -> None:
        """Replace all rules."""
        self.rules = RuleSet([parse_denylist(denylist(*lines).encode())])


def policy_of(*lines: str, **options: object) -> Policy:
    """Return a policy with these rules, on a default chain with the id CHAIN_ID."""
    return Policy(Rulings(*lines), **({"chain_id": CHAIN_ID} | options))  # type: ignore[arg-type]


def pinned(*registries: RegistryAddress, others: bool = True) -> Mapping[str, object]:
    """Return the options of a policy with pinned registries."""
    return {"pinned": registries, "others": others}
