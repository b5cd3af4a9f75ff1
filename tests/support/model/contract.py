"""The registry contract as an independent model in plain Python.

It is written from the specification alone (IPackageIndex.sol); its logs are in log.py beside it. Addresses are 20
bytes, times are unix seconds. Errors are those of the contract, with their arguments.
"""

import re
from collections.abc import Callable

from tests.support.model.log import (
    REGISTRY_ID,
    ZERO,
    LogState,
    ModelRevertError,
    RegistryLogs,
    create_address,
    hash256,
    project_id,
)

__all__ = [
    "REGISTRY_ID",
    "ZERO",
    "ChainModel",
    "LogState",
    "ModelRevertError",
    "create_address",
    "hash256",
    "project_id",
]

RELEASE, CLAIM, OWNER, ROLE, STATUS = 0x01, 0x80, 0x81, 0x82, 0x83
OFFERED, ACCEPTED, RESIGNED = 0, 1, 2
ARCHIVED, QUARANTINED = 0x01, 0x80
OPEN, CURATED = 0, 1
MAX_PAYLOAD = 24_543
MAX_REASON = 512
MAX_HINDSIGHT = 30 * 24 * 3600
LAST_EPOCH = 255
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

Wallet = Callable[[bytes, bytes], bool]
"""Whether a contract accepts a signature (ERC-1271), by the digest and the signature."""


def skeleton_of(name: str) -> str:
    """Return the skeleton of a name, which names that look alike share."""
    return name.replace("-", "").replace("l", "1").replace("i", "1").replace("o", "0")


class ChainModel(RegistryLogs):
    """A registry. Every writing method takes the sender and the block's time, and raises ModelRevertError.

    `wallets` are the contracts that answer ERC-1271.
    """

    def __init__(
        self, chain_id: int, address: bytes, owner: bytes, *, guardian: bytes = ZERO, mode: int = OPEN
    ) -> None:
        super().__init__(chain_id, address, owner)
        self.mode = mode
        self.guardian = guardian
        self.publishers: dict[tuple[bytes, int, bytes], int] = {}
        self.offers: dict[bytes, bytes] = {}
        self.skeletons: dict[str, str] = {}
        self.wallets: dict[bytes, Wallet] = {}

    # -- writing to projects

    def claim(self, sender: bytes, time: int, name: str, owner: bytes, release: bytes) -> None:
        """Take a free name."""
        if len(name) > 128 or not _NAME.fullmatch(name):
            raise ModelRevertError("InvalidName", name)
        if owner == ZERO:
            raise ModelRevertError("ZeroAddress")
        key = project_id(name)
        if key in self.logs:
            raise ModelRevertError("NameTaken", name, self.logs[key].owner)
        self._check_claim(sender, name)
        project = LogState(owner=owner)
        if release:
            self._check_append(key, project, RELEASE, sender, time, release)
        if self.mode == OPEN:
            self.skeletons[skeleton_of(name)] = name
        self._append(REGISTRY_ID, CLAIM, sender, time, owner + name.encode())
        self.logs[key] = project
        self._fold(key)
        if release:
            self._append(key, RELEASE, sender, time, release)

    def append(self, sender: bytes, time: int, name: str, kind: int, payload: bytes) -> None:
        """Add an entry."""
        key, project = self._project(name)
        self._check_append(key, project, kind, sender, time, payload)
        self._append(key, kind, sender, time, payload)

    def append_with_sig(
        self,
        _sender: bytes,
        time: int,
        name: str,
        kind: int,
        payload: bytes,
        signer: bytes,
        deadline: int,
        signature: bytes,
    ) -> None:
        """Add an entry on behalf of its signer, whoever sends it."""
        from tests.support.model.signing import append_digest, recover

        if time > deadline:
            raise ModelRevertError("SignatureExpired", deadline, time)
        key, project = self._project(name)
        digest = append_digest(self.chain_id, self.address, signer, name, kind, payload, project.head, deadline)
        wallet = self.wallets.get(signer)
        if recover(digest, signature) != signer and not (wallet and wallet(digest, signature)):
            raise ModelRevertError("InvalidSignature", signer, project.head)
        self._check_append(key, project, kind, signer, time, payload)
        self._append(key, kind, signer, time, payload)

    def set_publisher(self, sender: bytes, time: int, name: str, account: bytes, until: int, since: int) -> None:
        """Grant or revoke the right to publish."""
        key, project = self._own_project(sender, name)
        if account == ZERO:
            raise ModelRevertError("ZeroAddress")
        if account == project.owner:
            raise ModelRevertError("OwnerIsNoPublisher", account)
        if 0 < until <= time:
            raise ModelRevertError("AlreadyExpired", until, time)
        if since and until:
            raise ModelRevertError("NotARevocation", until)
        if since and not time - MAX_HINDSIGHT <= since <= time:
            raise ModelRevertError("InvalidCompromisedSince", since, time - MAX_HINDSIGHT, time)
        self.publishers[key, project.epoch, account] = until
        self._append(key, ROLE, sender, time, account + until.to_bytes(5, "big") + since.to_bytes(5, "big"))

    def transfer(self, sender: bytes, time: int, name: str, to: bytes) -> None:
        """Offer a project."""
        key, project = self._own_project(sender, name)
        if project.epoch == LAST_EPOCH:
            raise ModelRevertError("TooManyTransfers", name)
        self.offers[key] = to
        self._append(key, OWNER, sender, time, bytes([OFFERED]) + to)

    def accept(self, sender: bytes, time: int, name: str) -> None:
        """Accept an offered project."""
        key, project = self._project(name)
        self._take_offer(sender, key)
        project.owner = sender
        project.epoch += 1
        self._append(key, OWNER, sender, time, bytes([ACCEPTED]) + sender)

    def set_status(self, sender: bytes, time: int, name: str, status: int, reason: str) -> None:
        """Set the owner's status bits."""
        key, project = self._own_project(sender, name)
        if status & QUARANTINED:
            raise ModelRevertError("InvalidStatus", status)
        self._set_status(sender, time, key, (project.status & QUARANTINED) | status, reason)

    def quarantine(self, sender: bytes, time: int, name: str, on: bool, reason: str) -> None:
        """Set or clear the guardian's status bit."""
        self._check_guardian(sender)
        key, project = self._project(name)
        self._set_status(sender, time, key, (project.status & 0x7F) | (QUARANTINED if on else 0), reason)

    # -- writing to the registry

    def transfer_registry(self, sender: bytes, time: int, to: bytes) -> None:
        """Offer the registry."""
        if sender != self.registry_owner:
            raise ModelRevertError("NotOwner", sender, self.registry_owner)
        self.offers[REGISTRY_ID] = to
        self._append(REGISTRY_ID, OWNER, sender, time, bytes([OFFERED]) + to)

    def accept_registry(self, sender: bytes, time: int) -> None:
        """Accept the offered registry."""
        self._take_offer(sender, REGISTRY_ID)
        self.logs[REGISTRY_ID].owner = sender
        self._append(REGISTRY_ID, OWNER, sender, time, bytes([ACCEPTED]) + sender)

    def resign_guardian(self, sender: bytes, time: int) -> None:
        """Give up the guardian's role."""
        self._check_guardian(sender)
        self.guardian = ZERO
        self._append(REGISTRY_ID, OWNER, sender, time, bytes([RESIGNED]) + sender)

    # -- views

    @property
    def registry_owner(self) -> bytes:
        """The registry's owner."""
        return self.logs[REGISTRY_ID].owner

    def publisher_until(self, name: str, account: bytes) -> int:
        """Return when an account's permission ends, 0 for none in the present epoch."""
        key = project_id(name)
        return self.publishers.get((key, self.logs.get(key, LogState()).epoch, account), 0)

    def offered_to(self, name: str) -> bytes:
        """Return the address to which a project or, for the empty name, the registry is offered."""
        return self.offers.get(project_id(name), ZERO)

    # -- inside

    def _project(self, name: str) -> tuple[bytes, LogState]:
        if not name or project_id(name) not in self.logs:
            raise ModelRevertError("UnknownProject", name)
        return project_id(name), self.logs[project_id(name)]

    def _own_project(self, sender: bytes, name: str) -> tuple[bytes, LogState]:
        key, project = self._project(name)
        if sender != project.owner:
            raise ModelRevertError("NotOwner", sender, project.owner)
        return key, project

    def _check_claim(self, sender: bytes, name: str) -> None:
        if self.mode == CURATED:
            if sender != self.registry_owner:
                raise ModelRevertError("NotOwner", sender, self.registry_owner)
        elif (holder := self.skeletons.get(skeleton_of(name))) is not None:
            raise ModelRevertError("ConfusableName", name, holder)

    def _check_guardian(self, sender: bytes) -> None:
        if sender != self.guardian or sender == ZERO:
            raise ModelRevertError("NotGuardian", sender, self.guardian)

    def _check_append(self, key: bytes, project: LogState, kind: int, actor: bytes, time: int, payload: bytes) -> None:
        if not 0x01 <= kind <= 0x7F:
            raise ModelRevertError("InvalidKind", kind)
        if actor != project.owner:
            if kind >= 0x40:
                raise ModelRevertError("NotOwner", actor, project.owner)
            until = self.publishers.get((key, project.epoch, actor), 0)
            if time >= until:
                raise ModelRevertError("NotPublisher", actor, until)
        if kind < 0x20 and project.status & (ARCHIVED | QUARANTINED):
            raise ModelRevertError("ReleasesClosed", project.status)
        if len(payload) > MAX_PAYLOAD:
            raise ModelRevertError("PayloadTooLong", len(payload), MAX_PAYLOAD)

    def _take_offer(self, sender: bytes, key: bytes) -> None:
        offered = self.offers.get(key, ZERO)
        if sender != offered or offered == ZERO:
            raise ModelRevertError("NotOffered", sender, offered)
        del self.offers[key]

    def _set_status(self, sender: bytes, time: int, key: bytes, status: int, reason: str) -> None:
        text = reason.encode()
        if len(text) > MAX_REASON:
            raise ModelRevertError("ReasonTooLong", len(text), MAX_REASON)
        self.logs[key].status = status
        self._append(key, STATUS, sender, time, bytes([status]) + text)
