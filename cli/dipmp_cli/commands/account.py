"""`dipmp account`: keys in encrypted files; a key is never taken from a command line and never printed."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..session.options import Json, PasswordFile

if TYPE_CHECKING:
    from dipmp_lib.secret import Secret

_Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the key, used as --signer keystore:NAME.")]
_KeyFile = Annotated[Path | None, typer.Option(metavar="FILE", help="File with the key in hexadecimal, mode 0600.")]
_MAX_KEY = 4096


def new(name: _Name, *, password_file: PasswordFile = None, as_json: Json = False) -> None:
    """Make a new key in an encrypted file. Without the file and its password the key is lost for ever."""
    from dipmp_lib.transactions.signers import free_account, random_key

    path = free_account(name)
    _keep(name, path, random_key(), _password(path, password_file), as_json=as_json)


def import_key(
    name: _Name, *, key_file: _KeyFile = None, password_file: PasswordFile = None, as_json: Json = False
) -> None:
    """Store an existing key in an encrypted file. The key is read from --key-file or stdin, or asked for."""
    from dipmp_lib.transactions.signers import free_account

    path = free_account(name)
    key = _key(key_file)
    _keep(name, path, key, _password(path, password_file), as_json=as_json)


def _keep(name: str, path: Path, key: "Secret", password: "Secret", *, as_json: bool) -> None:
    from dipmp_lib.model.names import checksum_address
    from dipmp_lib.transactions.signers import store_key

    address = checksum_address(store_key(path, key, password))
    if as_json:
        details = {"name": name, "signer": f"keystore:{name}", "address": address, "path": str(path)}
        typer.echo(json.dumps(details, indent=2))
        return
    typer.echo(address)
    typer.echo(f"saved as {path}: keep a copy of the file in another place", err=True)
    typer.echo(f"use it with --signer keystore:{name}", err=True)


def _password(path: Path, file: Path | None) -> "Secret":
    from dipmp_lib.transactions.signers import PasswordSource

    from ..terminal.console import can_ask

    return PasswordSource(file, dict(os.environ), _ask_twice if can_ask() else None).password_for(path)


def _ask_twice(question: str) -> str:
    return str(typer.prompt(question, hide_input=True, confirmation_prompt=True, err=True))


def _key(file: Path | None) -> "Secret":
    from dipmp_lib.secret import parse_key, read_private_file

    from ..terminal.console import can_ask

    if file is not None:
        return parse_key(_text(read_private_file(file, "key file").reveal()), f"the file {file}")
    if can_ask():
        return parse_key(str(typer.prompt("Private key", hide_input=True, err=True)), "what was typed")
    return parse_key(_text(sys.stdin.buffer.read(_MAX_KEY)), "stdin")


def _text(data: bytes) -> str:
    return data.decode("ascii", "replace")


def list_accounts(*, as_json: Json = False) -> None:
    """List the keystores in dipmp's folder and their addresses."""
    from dipmp_lib.transactions.signers import keystore_folder
    from dipmp_lib.transactions.signers import list_accounts as read

    from ..terminal.format import json_account, plain, show_account

    accounts = list(read())
    if as_json:
        rows = [
            {
                "name": each.name,
                "signer": f"keystore:{each.name}",
                "address": json_account(each.address),
                "path": str(each.path),
                "problem": each.problem or None,
            }
            for each in accounts
        ]
        typer.echo(json.dumps(rows, indent=2))
        return
    for each in accounts:
        state = f"  unusable: {plain(each.problem)}" if each.problem else ""
        typer.echo(f"{show_account(each.address)}  keystore:{each.name}{state}")
    if not accounts:
        typer.echo(f"no keystores in {keystore_folder()}; `dipmp account new NAME` makes one", err=True)
