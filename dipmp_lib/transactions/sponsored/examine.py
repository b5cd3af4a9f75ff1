"""Examination of a signed request before it is paid for.

The registry itself checks the rest when the transaction is simulated: whether the signer may publish, and whether the
project takes releases.
"""

from dataclasses import dataclass

from ...errors import MalformedPayload, PublishError, SignerError, WrongChain
from ...log.blob import Blob, fold_head, head0, project_id
from ...log.entries import RELEASE, YANK, Entry
from ...log.fold import fold_project
from ...log.log import Log
from ...log.payload import parse_payload
from ...model.names import RegistryAddress, checksum_address
from ..signers import check_typed_data, typed_data_digest
from .request import SignedAppend

_AGAIN = "let its signer make a new one: dipmp publish --sign-only FILE"


@dataclass(frozen=True, slots=True)
class Examined:
    """A request that passed, and its parsed entry."""

    request: SignedAppend
    entry: Entry


def check_origin(request: SignedAppend, chain_id: int, registry: RegistryAddress) -> None:
    """Check that the request is for this chain and registry, and signed. Raises WrongChain, PublishError."""
    if request.chain_id != chain_id:
        raise WrongChain(f"the request is for chain {request.chain_id}, and the node serves chain {chain_id}")
    if request.registry != registry.address:
        raise PublishError(
            f"the request is for the registry {checksum_address(request.registry)}, not {registry.checksummed}",
            hint="check who sent it; --registry chooses another registry",
        )
    try:
        check_typed_data(request.signature, typed_data_digest(request.typed_data), request.signer)
    except SignerError as error:
        raise PublishError(f"the request is not what its signer signed: {error}", hint=_AGAIN) from None


def examine(request: SignedAppend, chain_id: int, registry: RegistryAddress, log: Log, now: int) -> Examined:
    """Check a request against the chain, the project's verified log and the time (unix seconds).

    Raises WrongChain and PublishError, for a request of another registry, with a wrong signature, expired, used before
    or overtaken, and for an entry that readers would ignore in whole or in part.
    """
    check_origin(request, chain_id, registry)
    if now > request.deadline:
        raise PublishError(f"the request of {checksum_address(request.signer)} has expired", hint=_AGAIN)
    _check_head(request, log)
    entry = _entry(request)
    _check_readers(request, log, now)
    return Examined(request, entry)


def _check_head(request: SignedAppend, log: Log) -> None:
    """Check that the signed head is the log's; where it is an earlier one, say what came after it."""
    if request.head == log.head:
        return
    head = head0(request.chain_id, request.registry, project_id(log.name))
    for number, blob in enumerate(log.blobs):
        if head == request.head:
            raise PublishError(_overtaken(request, blob, number), hint=_AGAIN)
        head = fold_head(head, blob.raw)
    raise PublishError(
        f"the request continues a history that {request.project} does not have in this registry", hint=_AGAIN
    )


def _overtaken(request: SignedAppend, blob: Blob, number: int) -> str:
    if (blob.kind, blob.actor, blob.payload) == (request.kind, request.signer, request.payload):
        return f"the request was used already: it is entry {number} of {request.project}"
    return f"the request came too late: {request.project} has had an entry {number} since it was signed"


def _entry(request: SignedAppend) -> Entry:
    try:
        if request.kind in (RELEASE, YANK):
            return parse_payload(request.kind, request.payload)
        reason = f"its kind is 0x{request.kind:02x}"
    except MalformedPayload as error:
        reason = str(error)
    raise PublishError(f"the request's entry is none that this version of dipmp can show: {reason}")


def _check_readers(request: SignedAppend, log: Log, now: int) -> None:
    """Fold the log with the entry at its end, and refuse an entry that readers would ignore."""
    blob = Blob(request.kind, log.slot.last, request.signer, now, request.payload)
    folded = fold_project(request.project, (*log.blobs, blob))
    for note in folded.notes:
        if note.entry == len(log.blobs):
            what = note.filename or "the entry"
            raise PublishError(f"readers would ignore {what} of the request: {note.detail or note.code}", hint=_AGAIN)
