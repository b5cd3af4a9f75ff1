"""The registry and the key: whether it is stock, what the key holds, and what it may do there."""

import time
from collections.abc import Iterator, Sequence

from dipmp_lib.errors import DipmpError, ProjectNotFound
from dipmp_lib.ethereum.create2 import CURATED
from dipmp_lib.ethereum.rpc import Rpc, chain_id
from dipmp_lib.ethereum.rpc.methods import quantity
from dipmp_lib.log.history import publishers
from dipmp_lib.model.names import ProjectName, checksum_address, parse_project
from dipmp_lib.registry.inspect import RegistryInfo, inspect_registry
from dipmp_lib.transactions import format_money

from ...session.session import ChainConnection
from ...terminal.format import show_time
from .finding import CheckResult, fail, ok, warn

_RELEASE_GAS = 200_000
"""What a release of a few files takes, with room to spare; a first one claims the name as well."""
_FEW = 10


def registry_findings(connection: ChainConnection) -> Iterator[CheckResult]:
    """Yield what the contract is."""
    facts = inspect_registry(connection.chain.rpc, connection.address)
    if facts.stock is None:
        step = "trust it only as far as you trust who wrote it; `dipmp registry create` makes a stock one"
        yield warn("registry", f"{connection.address} is not stock: {facts.verdict}", step)
    else:
        yield ok("registry", f"{connection.address} is stock, {_mode(facts)}")


def _mode(facts: RegistryInfo) -> str:
    return "curated: its owner alone claims names" if facts.mode == CURATED else "open: anybody claims names"


def balance_findings(rpc: Rpc, account: bytes) -> Iterator[CheckResult]:
    """Yield what the account holds, beside what a release costs now."""
    address, chain = checksum_address(account), chain_id(rpc)
    held = quantity(rpc.request("eth_getBalance", [f"0x{account.hex()}", "latest"]))
    release = _RELEASE_GAS * quantity(rpc.request("eth_gasPrice", []))
    text = f"{address} holds {format_money(held, chain)}; a release costs about {format_money(release, chain)}"
    if held < release:
        yield fail("balance", text, f"send it some of the currency of chain {chain}")
    elif held < _FEW * release:
        yield warn("balance", text, "send it more before it is used up")
    else:
        yield ok("balance", text)


def role_findings(connection: ChainConnection, account: bytes, names: Sequence[str]) -> Iterator[CheckResult]:
    """Yield what the key may do in the registry and in some projects."""
    facts = inspect_registry(connection.chain.rpc, connection.address)
    held = [role for role, holder in (("owner", facts.owner), ("guardian", facts.guardian)) if holder == account]
    if held:
        yield ok("role", f"the key is the registry's {' and '.join(held)}")
    may_claim = facts.mode != CURATED or facts.owner == account
    for name in names:
        try:
            yield _project(connection, account, parse_project(name), may_claim=may_claim)
        except DipmpError as error:
            yield fail(f"role {name[:80]}", str(error), error.hint or "check the name")


def _project(connection: ChainConnection, account: bytes, name: ProjectName, *, may_claim: bool) -> CheckResult:
    check = f"role {name}"
    try:
        page, log = connection.project(name)
    except ProjectNotFound:
        if may_claim:
            return ok(check, "the name is free, and the first release claims it for the key")
        return fail(check, "the name is free, but only the registry's owner claims names", "ask the owner to claim it")
    if page.owner == account:
        return ok(check, "the key owns the project; CI is better off with a publisher's key")
    until = next((each.until for each in publishers(log.blobs) if each.address == account), 0)
    if until > time.time():
        return ok(check, f"the key may publish until {show_time(until)}")
    owner = checksum_address(page.owner)
    step = f"ask the owner for: dipmp project publishers add {name} {checksum_address(account)}"
    return fail(check, f"the project belongs to {owner}, and the key may not publish to it", step)
