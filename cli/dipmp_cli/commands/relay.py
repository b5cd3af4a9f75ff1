"""`dipmp relay FILE`: check a signed request, show it, and send it with another key, which pays."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..session.options import writes

if TYPE_CHECKING:
    from dipmp_lib.transactions.sponsored import Examined, SignedAppend

    from ..session.context import WriteContext

_File = Annotated[Path, typer.Argument(metavar="FILE", help="Request that `dipmp publish --sign-only FILE` wrote.")]


@writes
def relay(context: "WriteContext", file: _File) -> None:
    """Send an entry that another key signed, and pay for it. The entry is the signer's; your key only pays.

    A request does not contain the files: that they can be fetched was the signer's to ensure.
    """
    from dipmp_lib.transactions import Call
    from dipmp_lib.transactions.sponsored import examine
    from dipmp_lib.transactions.sponsored.examine import check_origin

    from ..session.transact import Step, carry_out
    from ..terminal.describe_entry import describe
    from ..terminal.format import show_account, show_time

    request = _read(file)
    chain_id = context.writer.chain_id
    check_origin(request, chain_id, context.settings.registry)
    _, log = context.project(request.project)
    examined = examine(request, chain_id, context.settings.registry, log, context.now())
    signer, until = show_account(request.signer), show_time(request.deadline)
    call = Call.append_with_sig(
        request.project, request.kind, request.payload, request.signer, request.deadline, request.signature
    )
    step = Step(f"{request.project}, by {signer}: {describe(examined.entry)}", call)
    details: dict[str, object] = {"project": request.project, "signer": signer, "deadline": request.deadline}
    carry_out(context, [step], details, notes=[*_files(examined), f"{signer} signed this, valid until {until}"])


def _read(path: Path) -> "SignedAppend":
    from dipmp_lib.errors import InvalidInput
    from dipmp_lib.transactions.sponsored import parse_request
    from dipmp_lib.transactions.sponsored.request import MAX_FILE

    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_FILE + 1)
    except OSError as error:
        raise InvalidInput(f"the request {path} cannot be read: {error.strerror}") from None
    return parse_request(data)


def _files(examined: "Examined") -> list[str]:
    from dipmp_lib.log.entries import Release

    from ..terminal.format import plain

    entry = examined.entry
    if not isinstance(entry, Release):
        return []
    return [f"{plain(file.filename)}: {file.size:,} bytes, sha256 {file.sha256.hex()}" for file in entry.files]
