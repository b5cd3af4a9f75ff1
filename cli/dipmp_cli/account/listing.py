"""`dipmp account list`: which keys this machine holds. No password is needed, none is asked for."""

import json

import typer

from ..options import Json


def list_accounts(*, as_json: Json = False) -> None:
    """List the keystores in dipmp's folder, with their addresses."""
    from dipmp_lib.signers import keystore_folder
    from dipmp_lib.signers import list_accounts as read

    from ..words import json_account, plain, show_account

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
