"""`dipmp registry create`: create a registry through the factory, which is deployed first if the chain lacks it."""

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
_Owner = Annotated[_Text, typer.Option(metavar="ADDRESS", help="Owner; the signer if omitted.")]
_Guardian = Annotated[
    _Text, typer.Option(metavar="ADDRESS", help="Account that may quarantine projects; nobody if omitted.")
]
_Curated = Annotated[bool, typer.Option("--curated", help="Only the owner may claim names; otherwise anybody may.")]
_Salt = Annotated[str, typer.Option(metavar="NUMBER", help="Distinguishes registries whose other arguments are equal.")]

_UNSUITABLE = {
    324: "ZKsync Era",
    300: "ZKsync Sepolia",
    2741: "Abstract",
    11124: "Abstract Testnet",
    728126428: "TRON",
    2494104990: "TRON Shasta",
    3448148188: "TRON Nile",
}
"""Chains that derive contract addresses in their own way, or refuse code that they do not know (docs/chains.md)."""


@writes_to_chain
def create(
    context: "WriteContext",
    *,
    owner: _Owner = None,
    guardian: _Guardian = None,
    curated: _Curated = False,
    salt: _Salt = "0",
) -> None:
    """Create a registry: a namespace of Python projects that nobody can take away.

    Its guardian and mode can never be changed. The same arguments give the same address on every chain.
    """
    from dipmp_lib.ethereum.create2 import CURATED, OPEN, StockArgs, registry_address
    from dipmp_lib.model.names import RegistryAddress, checksum_address

    from ...session.transact import carry_out
    from ...terminal.format import json_account, parse_account

    args = StockArgs(
        owner=context.signer.address if owner is None else parse_account(owner),
        guardian=bytes(20) if guardian is None else parse_account(guardian),
        mode=CURATED if curated else OPEN,
        salt=_parse_salt(salt),
    )
    address = RegistryAddress(registry_address(args), context.settings.registry.chain)
    _check_chain(context)
    details: Json = {
        "registry": str(address),
        "owner": checksum_address(args.owner),
        "guardian": json_account(args.guardian),
        "mode": "curated" if curated else "open",
        "salt": f"0x{args.salt.hex()}",
    }
    if carry_out(context, _steps(context, args, address), details, notes=_notes(context, args, address)):
        _verify(context, address)
    if not context.options.as_json and not context.options.dry_run:
        typer.echo(f"Registry: {address}\nexport DIPMP_REGISTRY={address}")


def _parse_salt(text: str) -> bytes:
    from dipmp_lib.errors import InvalidInput

    if re.fullmatch(r"0x[0-9a-fA-F]{64}", text):
        return bytes.fromhex(text[2:])
    if re.fullmatch(r"[0-9]{1,70}", text):
        return int(text).to_bytes(32, "big")
    raise InvalidInput(f"--salt is {text[:80]!r}, not a number", hint="write 1, or 0x and 64 hexadecimal digits")


def _check_chain(context: "WriteContext") -> None:
    from dipmp_lib.errors import InvalidInput

    name = _UNSUITABLE.get(context.writer.chain_id)
    if name is not None:
        raise InvalidInput(
            f"a registry does not work on {name}, which derives contract addresses in another way than Ethereum",
            hint="use Ethereum, an OP Stack chain such as Base, Arbitrum, Scroll or Polygon",
        )


def _steps(context: "WriteContext", args: "StockArgs", address: "RegistryAddress") -> list["Step"]:
    from dipmp_lib.errors import InvalidInput
    from dipmp_lib.ethereum.abi import DEPLOYER, factory_address
    from dipmp_lib.ethereum.rpc import eth_get_code
    from dipmp_lib.model.names import checksum_address
    from dipmp_lib.transactions import Call

    from ...session.transact import Step

    rpc = context.connection.chain.rpc
    if eth_get_code(rpc, address.address):
        return []
    steps = [Step(f"create the registry {address}", Call.create_registry(args))]
    if eth_get_code(rpc, factory_address()):
        return steps
    if not eth_get_code(rpc, DEPLOYER):
        raise InvalidInput(
            f"chain {context.writer.chain_id} has no CREATE2 deployer at {checksum_address(DEPLOYER)}",
            hint="anybody can put it there (docs/chains.md); nearly every chain has it",
        )
    factory = f"deploy dipmp's factory {checksum_address(factory_address())}, once for everybody on this chain"
    return [Step(factory, Call.deploy_factory()), *steps]


def _notes(context: "WriteContext", args: "StockArgs", address: "RegistryAddress") -> list[str]:
    from dipmp_lib.ethereum.create2 import CURATED

    from ...terminal.format import show_account

    owner = show_account(args.owner)
    whose = ", the signing key; a Safe is safer" if args.owner == context.signer.address else ""
    who = f"only {owner} may claim names in it" if args.mode == CURATED else "anybody may claim names in it"
    notes = [f"{address} will belong to {owner}{whose}", f"{who}, and nothing can change that"]
    if any(args.guardian):
        notes.append(f"{show_account(args.guardian)} may quarantine any project in it, until it resigns")
    return notes


def _verify(context: "WriteContext", address: "RegistryAddress") -> None:
    """Wait until the node shows the registry, for it may lag behind its own receipt. Raises TransactionError."""
    import time

    from dipmp_lib.errors import TransactionError
    from dipmp_lib.ethereum.create2 import is_stock
    from dipmp_lib.ethereum.rpc import eth_get_code

    for _ in range(20):
        if is_stock(address.address, eth_get_code(context.connection.chain.rpc, address.address)):
            return
        time.sleep(0.5)
    raise TransactionError(
        f"the transaction was included, but there is no stock registry at {address}",
        hint="check again later: dipmp registry show",
    )
