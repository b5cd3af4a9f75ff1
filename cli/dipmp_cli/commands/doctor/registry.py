"""Checks of the registry (is it stock?) and of the key (its balance and its roles)."""

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
from .check_result import CheckResult, fail, ok, warn

_RELEASE_GAS = 200_000
"""Gas of a release of a few files, with a margin; a first one also claims the name."""
_FEW = 10


def check_registry(connection: ChainConnection) -> Iterator[CheckResult]:
    """Check whether the contract is a stock registry."""
    info = inspect_registry(connection.chain.rpc, connection.address)
    if info.stock is None:
        step = "trust it only as far as you trust its author; `dipmp registry create` makes a stock one"
        yield warn("registry", f"{connection.address} is not stock: {info.verdict}", step)
    else:
        yield ok("registry", f"{connection.address} is stock, {_mode(info)}")


def _mode(info: RegistryInfo) -> str:
    return "curated: only its owner may claim names" if info.mode == CURATED else "open: anybody may claim names"


def check_balance(rpc: Rpc, account: bytes) -> Iterator[CheckResult]:
    """Compare the account's balance with the present price of a release."""
    address, chain = checksum_address(account), chain_id(rpc)
    balance = quantity(rpc.request("eth_getBalance", [f"0x{account.hex()}", "latest"]))
    release = _RELEASE_GAS * quantity(rpc.request("eth_gasPrice", []))
    text = f"{address} holds {format_money(balance, chain)}; a release costs about {format_money(release, chain)}"
    if balance < release:
        yield fail("balance", text, f"send it some of the currency of chain {chain}")
    elif balance < _FEW * release:
        yield warn("balance", text, "top it up soon")
    else:
        yield ok("balance", text)


def check_roles(connection: ChainConnection, account: bytes, names: Sequence[str]) -> Iterator[CheckResult]:
    """Check what the account may do in the registry and in the projects of these names."""
    info = inspect_registry(connection.chain.rpc, connection.address)
    roles = [role for role, holder in (("owner", info.owner), ("guardian", info.guardian)) if holder == account]
    if roles:
        yield ok("role", f"the key is the registry's {' and '.join(roles)}")
    may_claim = info.mode != CURATED or info.owner == account
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
        return fail(
            check, "the name is free, but only the registry's owner may claim names", "ask the owner to claim it"
        )
    if page.owner == account:
        return ok(check, "the key owns the project; in CI a publisher's key is safer")
    until = next((each.until for each in publishers(log.blobs) if each.address == account), 0)
    if until > time.time():
        return ok(check, f"the key may publish until {show_time(until)}")
    owner = checksum_address(page.owner)
    step = f"ask the owner for: dipmp project publishers add {name} {checksum_address(account)}"
    return fail(check, f"the project belongs to {owner}, and the key may not publish to it", step)
