"""`dipmp registry create`: a registry from the factory, and the factory too where the chain lacks it."""

import re
from typing import TYPE_CHECKING, Annotated

import typer

from ...session.options import writes_to_chain

if TYPE_CHECKING:
    from dipmp_lib.ethereum.create2 import StockArgs
    from dipmp_lib.model.names import RegistryAddress

    from ...session.context import WriteContext
    from ...session.transact import Json, Step

_Text = str | None
_Owner = Annotated[_Text, typer.Option(metavar="ADDRESS", help="Who will own it; the signer if left out.")]
_Guardian = Annotated[_Text, typer.Option(metavar="ADDRESS", help="Who may quarantine projects; nobody if left out.")]
_Curated = Annotated[bool, typer.Option("--curated", help="Only the owner claims names; else anybody does.")]
_Salt = Annotated[str, typer.Option(metavar="NUMBER", help="Tells registries apart that are alike in the rest.")]

_UNSUITABLE = {
    324: "ZKsync Era",
    300: "ZKsync Sepolia",
    2741: "Abstract",
    11124: "Abstract Testnet",
    728126428: "TRON",
    2494104990: "TRON Shasta",
    3448148188: "TRON Nile",
}
"""Chains that derive contract addresses in their own way, or take no code that they do not know (docs/chains.md)."""


@writes_to_chain
def create(
    desk: "WriteContext",
    *,
    owner: _Owner = None,
    guardian: _Guardian = None,
    curated: _Curated = False,
    salt: _Salt = "0",
) -> None:
    """Create a registry: a namespace of Python projects that nobody can take away.

    Its guardian and its mode can never be changed. The same arguments give the same address on every chain.
    """
    from dipmp_lib.ethereum.create2 import CURATED, OPEN, StockArgs, registry_address
    from dipmp_lib.model.names import RegistryAddress, checksum_address

    from ...session.transact import carry_out
    from ...terminal.format import json_account, parse_account

    args = StockArgs(
        owner=desk.signer.address if owner is None else parse_account(owner),
        guardian=bytes(20) if guardian is None else parse_account(guardian),
        mode=CURATED if curated else OPEN,
        salt=_parse_salt(salt),
    )
    address = RegistryAddress(registry_address(args), desk.settings.registry.chain)
    _check_chain(desk)
    facts: Json = {
        "registry": str(address),
        "owner": checksum_address(args.owner),
        "guardian": json_account(args.guardian),
        "mode": "curated" if curated else "open",
        "salt": f"0x{args.salt.hex()}",
    }
    if carry_out(desk, _steps(desk, args, address), facts, notes=_notes(desk, args, address)):
        _verify(desk, address)
    if not desk.as_json and not desk.manner.dry_run:
        typer.echo(f"Registry: {address}\nexport DIPMP_REGISTRY={address}")


def _parse_salt(text: str) -> bytes:
    from dipmp_lib.errors import InvalidInput

    if re.fullmatch(r"0x[0-9a-fA-F]{64}", text):
        return bytes.fromhex(text[2:])
    if re.fullmatch(r"[0-9]{1,70}", text):
        return int(text).to_bytes(32, "big")
    raise InvalidInput(f"--salt is {text[:80]!r}, not a number", hint="write 1, or 0x and 64 hexadecimal digits")


def _check_chain(desk: "WriteContext") -> None:
    from dipmp_lib.errors import InvalidInput

    name = _UNSUITABLE.get(desk.writer.chain_id)
    if name is not None:
        raise InvalidInput(
            f"a registry does not work on {name}, which gives contracts other addresses than Ethereum does",
            hint="use Ethereum, an OP Stack chain such as Base, Arbitrum, Scroll or Polygon",
        )


def _steps(desk: "WriteContext", args: "StockArgs", address: "RegistryAddress") -> list["Step"]:
    from dipmp_lib.errors import InvalidInput
    from dipmp_lib.ethereum.abi import DEPLOYER, factory_address
    from dipmp_lib.ethereum.rpc import eth_get_code
    from dipmp_lib.model.names import checksum_address
    from dipmp_lib.transactions import Call

    from ...session.transact import Step

    rpc = desk.connection.chain.rpc
    if eth_get_code(rpc, address.address):
        return []
    steps = [Step(f"create the registry {address}", Call.create_registry(args))]
    if eth_get_code(rpc, factory_address()):
        return steps
    if not eth_get_code(rpc, DEPLOYER):
        raise InvalidInput(
            f"chain {desk.writer.chain_id} has no CREATE2 deployer at {checksum_address(DEPLOYER)}",
            hint="anybody can put it there (docs/chains.md); nearly every chain has it",
        )
    factory = f"deploy dipmp's factory {checksum_address(factory_address())}, once for this chain and everybody on it"
    return [Step(factory, Call.deploy_factory()), *steps]


def _notes(desk: "WriteContext", args: "StockArgs", address: "RegistryAddress") -> list[str]:
    from dipmp_lib.ethereum.create2 import CURATED

    from ...terminal.format import show_account

    owner = show_account(args.owner)
    whose = ", the key that signs here; a Safe is safer" if args.owner == desk.signer.address else ""
    who = f"{owner} alone claims names in it" if args.mode == CURATED else "anybody claims names in it"
    notes = [f"{address} will belong to {owner}{whose}", f"{who}, and nothing can change that"]
    if any(args.guardian):
        notes.append(f"{show_account(args.guardian)} may quarantine any project in it, until it resigns")
    return notes


def _verify(desk: "WriteContext", address: "RegistryAddress") -> None:
    """Look at what is there now; a node may be a moment behind its own receipt."""
    import time

    from dipmp_lib.errors import TransactionError
    from dipmp_lib.ethereum.create2 import is_stock
    from dipmp_lib.ethereum.rpc import eth_get_code

    for _ in range(20):
        if is_stock(address.address, eth_get_code(desk.connection.chain.rpc, address.address)):
            return
        time.sleep(0.5)
    raise TransactionError(
        f"the transaction was included, but there is no stock registry at {address}",
        hint="look at it again later: dipmp registry show",
    )
