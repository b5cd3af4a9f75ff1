"""Calls of the contracts as plain values. Source: contract/src/IPackageIndex.sol."""

from dataclasses import dataclass
from typing import Self

from ..ethereum.abi import DEPLOYER, factory_address, factory_call_data
from ..ethereum.create2 import StockArgs, encode_create
from ..log.entries import YANK
from ..model.names import ProjectName

_BASE_GAS = {"claim": 205_000, "create": 130_000}
_OTHER_GAS = 90_000
_BYTE_GAS = 235
"""Upper bounds of a call's gas: a fixed part, and per payload byte that of calldata, hashing and storage."""

NOBODY = bytes(20)
"""The zero address, which stands for no account."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a registry's function, with its arguments in order; or with `to` of another contract.

    `project` names the log that it appends to, "" for the registry's own. `data` is the whole call data of a call with
    `to`.
    """

    function: str
    project: ProjectName | str
    arguments: tuple[str | int | bytes | bool, ...]
    to: bytes = b""
    data: bytes = b""

    @classmethod
    def claim(cls, project: ProjectName, owner: bytes, release: bytes) -> Self:
        """Claim a free name for `owner`, and append a RELEASE payload to it unless that is empty."""
        return cls("claim", project, (project, owner, release))

    @classmethod
    def append(cls, project: ProjectName, kind: int, payload: bytes) -> Self:
        """Append one entry to a project's log."""
        return cls("append", project, (project, kind, payload))

    @classmethod
    def append_with_sig(cls, project: ProjectName, kind: int, payload: bytes, *signed: int | bytes) -> Self:
        """Append one entry for another account: `signed` is its address, the deadline and its signature."""
        return cls("appendWithSig", project, (project, kind, payload, *signed))

    @classmethod
    def yank(cls, project: ProjectName, payload: bytes) -> Self:
        """Append a YANK payload."""
        return cls.append(project, YANK, payload)

    @classmethod
    def set_publisher(cls, project: ProjectName, account: bytes, until: int, compromised_since: int = 0) -> Self:
        """Let an account publish until a unix second, or revoke that with 0."""
        return cls("setPublisher", project, (project, account, until, compromised_since))

    @classmethod
    def offer_project(cls, project: ProjectName, to: bytes) -> Self:
        """Offer a project to an address, or with NOBODY withdraw the offer."""
        return cls("transferProject", project, (project, to))

    @classmethod
    def accept_project(cls, project: ProjectName) -> Self:
        """Accept an offered project."""
        return cls("acceptProject", project, (project,))

    @classmethod
    def set_status(cls, project: ProjectName, status: int, reason: str) -> Self:
        """Set the owner's status bits, 0x00 to 0x7f."""
        return cls("setStatus", project, (project, status, reason))

    @classmethod
    def quarantine(cls, project: ProjectName, reason: str, *, on: bool) -> Self:
        """Set or clear the guardian's status bit."""
        return cls("quarantine", project, (project, on, reason))

    @classmethod
    def offer_registry(cls, to: bytes) -> Self:
        """Offer the registry to an address, or with NOBODY withdraw the offer."""
        return cls("transferRegistry", "", (to,))

    @classmethod
    def accept_registry(cls) -> Self:
        """Accept the offered registry."""
        return cls("acceptRegistry", "", ())

    @classmethod
    def resign_guardian(cls) -> Self:
        """Resign as guardian for ever."""
        return cls("resignGuardian", "", ())

    @classmethod
    def deploy_factory(cls) -> Self:
        """Deploy the factory of registries, and with it their implementation, on a chain without it."""
        return cls("deploy", "", (), DEPLOYER, factory_call_data())

    @classmethod
    def create_registry(cls, args: StockArgs) -> Self:
        """Create a registry with the factory."""
        return cls("create", "", (), factory_address(), encode_create(args))

    @property
    def rough_gas(self) -> int:
        """Estimated gas of a call that cannot be simulated yet, because it builds on another."""
        size = sum(len(each) for each in self.arguments if isinstance(each, bytes))
        return _BASE_GAS.get(self.function, _OTHER_GAS) + _BYTE_GAS * size
