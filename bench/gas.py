"""Gas of the registry's layout against others that list the same releases, in one run on anvil.

python -m bench.gas [releases]

Ours is a clone that takes the committed payloads of tests/contract/payloads.json; the others are in bench/rivals.py.
anvil follows the rules of the newest fork, the most that a transaction may use (EIP-7825) among them. Compiling takes
Node. `releases` is how many of ten files each are read.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from bench.releases import Case, load
from bench.rivals import LAYOUTS, PLENTY, Paid, Rival, compile_layouts
from dipmp_lib.log.entries import RELEASE
from tests.contract.backends import AnvilBackend, RevertError, anvil_backend
from tests.contract.harness import Registry, encode_call

CALL_CAP = 50_000_000
"""Default gas of an eth_call in geth and reth."""
BEYOND = "beyond a node's limit"
OURS = "ours"
DEPLOY, FIRST, ONE, TEN, SEVENTY = "registry", "first release, one file", "one file", "ten files", "seventy files"
READ = "reading all releases"
Table = dict[str, dict[str, Paid]]


class Index(Protocol):
    """A contract that lists releases."""

    deployment: int
    most: int

    def publish(self, case: Case) -> Paid: ...

    def read(self, project: str) -> tuple[int, int]: ...


class Ours:
    """A registry as it is deployed; the first release of a project claims it too."""

    most = PLENTY

    def __init__(self, backend: AnvilBackend) -> None:
        self._backend = backend
        self._registry = Registry(backend, salt=bytes(range(1, 33)))
        self._owner = backend.accounts[1]
        self._claimed: set[str] = set()
        self.deployment = self._registry.creation.gas

    def publish(self, case: Case) -> Paid:
        if case.project in self._claimed:
            receipt = self._registry.send(self._owner, "append", case.project, RELEASE, case.payload)
        else:
            receipt = self._registry.send(self._owner, "claim", case.project, self._owner, case.payload)
        self._claimed.add(case.project)
        return Paid(receipt.gas)

    def read(self, project: str) -> tuple[int, int]:
        call = encode_call("read", project, 0, 0, 1 << 24)
        gas = self._backend.gas_of(self._owner, self._registry.address, call, PLENTY)
        _, _, cursor, page = self._registry.call("read", project, 0, 0, 1 << 24, gas=PLENTY)
        assert cursor == 0
        return gas, len(page)


@contextmanager
def indexes() -> Iterator[dict[str, Index]]:
    """Deploy every layout on one chain."""
    artifacts = compile_layouts()
    with anvil_backend("--enable-tx-gas-limit") as backend:
        rivals = {key: Rival(backend, layout, artifacts[layout.contract]) for key, layout in LAYOUTS.items()}
        yield {OURS: Ours(backend), **rivals}


def measure(releases: int = 300) -> Table:
    """Return the gas of every step by name, then by layout."""
    table: Table = {}
    with indexes() as all_of_them:
        for key, index in all_of_them.items():
            for step, paid in _measure(index, releases):
                table.setdefault(step, {})[key] = paid
    return table


def _measure(index: Index, releases: int) -> Iterator[tuple[str, Paid]]:
    one, ten, seventy = load("one_file"), load("ten_files"), load("seventy_files")
    yield DEPLOY, Paid(index.deployment)
    index.publish(one.under("the-first").other(1))  # of a contract, which costs more, once
    yield FIRST, index.publish(one.other(1))
    yield ONE, index.publish(one)
    for step, case in ((TEN, ten), (SEVENTY, seventy)):
        index.publish(case.other(1, files=1))
        yield step, index.publish(case)
    full = _fill(index, ten, releases)
    gas = index.read("many")[0]
    yield READ, Paid(gas, full or (BEYOND if gas > CALL_CAP else ""))


def _fill(index: Index, ten: Case, releases: int) -> str:
    """Publish the releases; return a note if only fewer fit, else ""."""
    many = ten.under("many")
    for number in range(min(releases, index.most // 10)):
        index.publish(many.other(number))
    if 10 * releases <= index.most:
        return ""
    index.publish(many.other(releases, files=index.most % 10))
    _require_full(index, many.other(releases + 1, files=1))
    return f"full with {index.most} files"


def _require_full(index: Index, case: Case) -> None:
    try:
        index.publish(case)
    except RevertError:
        return
    raise AssertionError(f"there was room for more than {index.most} files")


def _cell(paid: Paid, ours: Paid) -> str:
    if paid is ours:
        return f"{paid.gas:,}"
    note = f", {paid.note}" if paid.note else ""
    return f"{paid.gas:,} ({paid.gas / ours.gas:.1f} x{note})"


def main() -> None:
    releases = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    table = measure(releases)
    print("| gas | ours | " + " | ".join(layout.title for layout in LAYOUTS.values()) + " |")
    print("|---" * (len(LAYOUTS) + 2) + "|")
    for step, row in table.items():
        cells = (_cell(paid, row[OURS]) for paid in row.values())
        print(f"| {step} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
