"""Error tree of dipmp.

DipmpError
├── InvalidInput             a value from a caller that cannot be used
│   ├── InvalidAddress       not a registry address
│   ├── InvalidName          not a PEP 503 normal form
│   ├── InvalidFilename      not a wheel or sdist file name
│   ├── InvalidCid           not a CID that dipmp uses
│   ├── InvalidDenylist      not a denylist in IPFS Compact Format, or cannot be read
│   ├── InvalidUpload        not a request of the upload API, or at odds with its file
│   │   └── UploadTooLarge
│   └── InvalidSettings      one or more settings are wrong or missing
├── NotFound                 proven absent
│   ├── RegistryNotFound
│   ├── ProjectNotFound
│   └── FileNotListed
├── Refused                  the operator of this server does not serve it
│   ├── Denied               a rule of the denylist says so
│   └── NotServed            this server is set up for other registries
├── Malformed                bytes from outside that break their format
│   ├── MalformedLog         a registry's answer that does not verify
│   ├── MalformedPayload     one entry's payload
│   ├── MalformedCar         a CAR, a block or a UnixFS node
│   └── MalformedAnswer      an HTTP or JSON-RPC answer
├── Upstream                 a service that dipmp depends on failed; try again later
│   ├── RpcError             an endpoint failed or answered with an error
│   │   ├── Reverted         the contract refused the call
│   │   ├── Exhausted        the call used up its gas or time
│   │   └── WrongChain       an endpoint serves another chain
│   ├── GatewayError
│   ├── PinnerError          a pinning service failed, or pinned another CID
│   │   ├── PinnerRefused    it refuses the credentials
│   │   └── PinnerBusy       it may answer later
│   ├── SourceError          the index that is mirrored failed, or cannot be used
│   ├── StoreError           the operator's database or bucket failed
│   ├── SecretError          a setting that is stored elsewhere could not be read
│   └── PageTooLarge         a page is larger than this server can send, and not stored elsewhere yet
└── PublishError             nothing was written on chain
    ├── InvalidDistribution  every problem of every file, together
    ├── Conflict             the same file name is taken by other bytes
    ├── SignerError          no key, wrong password, loose permissions
    ├── JournalError         the journal cannot be used, or another process holds its lock
    └── TransactionError     not enough funds, dropped, reverted
        └── CallRefused      the contract says no

Facts are attributes of the class; `str()` is one sentence for a person. Nothing here knows HTTP.
"""

from collections.abc import Sequence


class DipmpError(Exception):
    """Base of all errors. `hint` is the next step for the person who reads the message, or empty."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class InvalidInput(DipmpError):
    """A value given by a caller cannot be used."""


class InvalidAddress(InvalidInput):
    """Not a registry address (EIP-55, EIP-3770)."""


class InvalidName(InvalidInput):
    """Not a project name in PEP 503 normal form."""


class InvalidFilename(InvalidInput):
    """Not the name of a wheel or an sdist."""


class InvalidCid(InvalidInput):
    """Not a CIDv1 with a codec and hash that dipmp uses."""


class InvalidUpload(InvalidInput):
    """A request of the upload API cannot be read, or contradicts the metadata in its file."""


class UploadTooLarge(InvalidUpload):
    """A request of the upload API exceeds a bound."""


class InvalidDenylist(InvalidInput):
    """A denylist cannot be read or has no denylist header, so that its rules are unknown."""


class InvalidSettings(InvalidInput):
    """Settings that are wrong or missing, all of them at once."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class PublishError(DipmpError):
    """Publishing stopped before its transaction was sent, unless the message says otherwise."""


class InvalidDistribution(PublishError):
    """One or more files cannot be published; `problems` are (file name, sentence) pairs."""

    def __init__(self, problems: Sequence[tuple[str, str]], *, hint: str = "") -> None:
        super().__init__("; ".join(f"{name}: {text}" for name, text in problems), hint=hint)
        self.problems = tuple(problems)


class Conflict(PublishError):
    """A file name is already taken by other bytes."""


class SignerError(PublishError):
    """The signing key cannot be used."""


class JournalError(PublishError):
    """The journal of sent transactions cannot be locked, read or written."""


class TransactionError(PublishError):
    """A transaction could not be sent, or failed."""


class CallRefused(TransactionError):
    """The contract refuses the call of a transaction, and would refuse it again."""


class NotFound(DipmpError):
    """The chain answered that something does not exist."""


class RegistryNotFound(NotFound):
    """No dipmp registry lives at the address."""


class ProjectNotFound(NotFound):
    """The registry has no such project."""


class FileNotListed(NotFound):
    """The project's log does not list the file."""


class Refused(DipmpError):
    """The operator's policy, not the chain, keeps something from being served."""


class Denied(Refused):
    """Denied by `rule` of the operator's denylist; `policy_url`, unless empty, is the page on how to object."""

    def __init__(self, message: str, *, rule: str, policy_url: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.rule = rule
        self.policy_url = policy_url


class NotServed(Refused):
    """The server serves pinned registries only, and this is none."""


class Malformed(DipmpError):
    """Bytes from outside break their format."""


class MalformedLog(Malformed):
    """The entries that a registry returned do not verify against its head."""


class MalformedPayload(Malformed):
    """The payload of one log entry cannot be read; `code` is that of the fold's note (docs/log-format.md)."""

    def __init__(self, message: str, *, code: str = "malformed-payload", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code


class MalformedCar(Malformed):
    """A CAR, block or UnixFS node breaks its format, or does not have its CID."""


class MalformedAnswer(Malformed):
    """An HTTP or JSON-RPC answer cannot be read."""


class Upstream(DipmpError):
    """A service that dipmp depends on failed; a later try may succeed."""


class RpcError(Upstream):
    """A JSON-RPC endpoint failed, or answered with an error object with this `code` and `data`."""

    def __init__(self, message: str, *, code: int | None = None, data: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.data = data


class Reverted(RpcError):
    """The contract refused the call; `data` is the raw revert data as 0x-hex."""


class Exhausted(RpcError):
    """The call ran out of gas or time: the contract uses too much, or the endpoint allows too little."""


class WrongChain(RpcError):
    """An endpoint serves another chain than the one that was configured."""


class GatewayError(Upstream):
    """No gateway delivered the content."""


class PinnerError(Upstream):
    """A pinning service refused, failed, or answered with another CID."""


class PinnerRefused(PinnerError):
    """A pinning service refuses the credentials or the account; another try changes nothing."""


class PinnerBusy(PinnerError):
    """A pinning service could not answer now; `retry_after` is its Retry-After in seconds, None if it sent none."""

    def __init__(self, message: str, *, retry_after: float | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class SourceError(Upstream):
    """The index that is mirrored failed, or its answer cannot be used."""


class StoreError(Upstream):
    """The operator's database or bucket failed, or its content cannot be used."""


class SecretError(Upstream):
    """A setting that is stored elsewhere could not be read; no message shows its value."""


class PageTooLarge(Upstream):
    """A page is larger than this server can send, and not stored elsewhere yet."""
