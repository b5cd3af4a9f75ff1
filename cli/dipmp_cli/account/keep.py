"""`dipmp account new` and `import`: keys into encrypted files; none comes from a command line or goes to an output."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..options import Json, PasswordFile

if TYPE_CHECKING:
    from dipmp_lib.signers import Secret

_Name = Annotated[str, typer.Argument(metavar="NAME", help="What --signer keystore:NAME will say.")]
_KeyFile = Annotated[Path | None, typer.Option(metavar="FILE", help="File with the key in hexadecimal, mode 0600.")]
_MAX_KEY = 4096


def new(name: _Name, *, password_file: PasswordFile = None, as_json: Json = False) -> None:
    """Make a new key and keep it in an encrypted file. Nobody can bring it back without the file and its password."""
    from dipmp_lib.signers import free_account, random_key

    path = free_account(name)
    _keep(name, path, random_key(), _password(path, password_file), as_json=as_json)


def import_key(
    name: _Name, *, key_file: _KeyFile = None, password_file: PasswordFile = None, as_json: Json = False
) -> None:
    """Keep a key that exists in an encrypted file. It is read from --key-file, from stdin, or asked for."""
    from dipmp_lib.signers import free_account

    path = free_account(name)
    key = _key(key_file)
    _keep(name, path, key, _password(path, password_file), as_json=as_json)


def _keep(name: str, path: Path, key: "Secret", password: "Secret", *, as_json: bool) -> None:
    from dipmp_lib.names import checksum_address
    from dipmp_lib.signers import store_key

    address = checksum_address(store_key(path, key, password))
    if as_json:
        facts = {"name": name, "signer": f"keystore:{name}", "address": address, "path": str(path)}
        typer.echo(json.dumps(facts, indent=2))
        return
    typer.echo(address)
    typer.echo(f"kept in {path}: copy the file to where a fire does not reach it", err=True)
    typer.echo(f"use it with --signer keystore:{name}", err=True)


def _password(path: Path, file: Path | None) -> "Secret":
    from dipmp_lib.signers import PasswordSource

    from ..console import can_ask

    return PasswordSource(file, dict(os.environ), _ask_twice if can_ask() else None).password_for(path)


def _ask_twice(question: str) -> str:
    return str(typer.prompt(question, hide_input=True, confirmation_prompt=True, err=True))


def _key(file: Path | None) -> "Secret":
    from dipmp_lib.signers import parse_key, read_private_file

    from ..console import can_ask

    if file is not None:
        return parse_key(_text(read_private_file(file, "key file").reveal()), f"the file {file}")
    if can_ask():
        return parse_key(str(typer.prompt("Private key", hide_input=True, err=True)), "what was typed")
    return parse_key(_text(sys.stdin.buffer.read(_MAX_KEY)), "stdin")


def _text(data: bytes) -> str:
    return data.decode("ascii", "replace")
