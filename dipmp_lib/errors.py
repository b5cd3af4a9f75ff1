"""Every error that dipmp raises on purpose.

DipmpError
├── InvalidInput             a value that somebody typed or sent
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
├── Upstream                 somebody else's service failed; try again later
│   ├── RpcError             an endpoint failed or answered with an error
│   │   ├── Reverted         the contract refused the call
│   │   ├── Exhausted        the call used up its gas or time
│   │   └── WrongChain       an endpoint serves another chain
│   ├── GatewayError
│   ├── PinnerError          a pinning service failed, or keeps something else
│   │   ├── PinnerRefused    it does not take the credentials
│   │   └── PinnerBusy       it may answer later
│   ├── SourceError          the index that is mirrored failed, or cannot be used
│   ├── StoreError           the operator's database or bucket failed
│   ├── SecretError          a setting that is kept elsewhere could not be read
│   └── PageTooLarge         a page that this server cannot send, and that is nowhere else yet
└── PublishError             nothing was written on chain
    ├── InvalidDistribution  every problem of every file, together
    ├── Conflict             the same file name is taken by other bytes
    ├── SignerError          no key, wrong password, loose permissions
    ├── JournalError         what was sent cannot be written down, or another one is sending
    └── TransactionError     not enough funds, dropped, reverted
        └── CallRefused      the contract says no

Each class keeps its facts as attributes; `str()` is one sentence for a person. Nothing here knows HTTP.
"""

from collections.abc import Sequence


class DipmpError(Exception):
    """Base of all. `hint` is the next step for the person who reads the message, or empty."""

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
    """A request of the upload API cannot be read, or says something else of its file than the file does."""


class UploadTooLarge(InvalidUpload):
    """A request of the upload API exceeds a bound."""


class InvalidDenylist(InvalidInput):
    """A denylist cannot be read, or has no header that says so; what it would forbid is unknown."""


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
    """The journal of what was sent cannot be locked, read or written."""


class TransactionError(PublishError):
    """A transaction could not be sent, or failed."""


class CallRefused(TransactionError):
    """The contract refuses what a transaction asks for; another try of the same is refused again."""


class NotFound(DipmpError):
    """The chain answered, and what was asked for does not exist."""


class RegistryNotFound(NotFound):
    """No dipmp registry lives at the address."""


class ProjectNotFound(NotFound):
    """The registry has no such project."""


class FileNotListed(NotFound):
    """The project's log does not list the file."""


class Refused(DipmpError):
    """The operator's policy, not the chain, keeps something from being served."""


class Denied(Refused):
    """A rule of the operator's denylist, `rule`; at `policy_url`, unless empty, it says how to object."""

    def __init__(self, message: str, *, rule: str, policy_url: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.rule = rule
        self.policy_url = policy_url


class NotServed(Refused):
    """The server serves pinned registries only, and this is none."""


class Malformed(DipmpError):
    """Bytes from outside break their format."""


class MalformedLog(Malformed):
    """What a registry returned does not verify against its own head."""


class MalformedPayload(Malformed):
    """The payload of one log entry cannot be read; `code` is that of the fold's note (docs/log-format.md)."""

    def __init__(self, message: str, *, code: str = "malformed-payload", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code


class MalformedCar(Malformed):
    """A CAR, block or UnixFS node is not what it has to be."""


class MalformedAnswer(Malformed):
    """An HTTP or JSON-RPC answer cannot be read."""


class Upstream(DipmpError):
    """A service that dipmp depends on did not do its part; a later try may succeed."""


class RpcError(Upstream):
    """A JSON-RPC endpoint failed, or answered with an error object, whose `code` and `data` these are."""

    def __init__(self, message: str, *, code: int | None = None, data: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.data = data


class Reverted(RpcError):
    """The contract refused the call; `data` is the raw revert data as 0x-hex."""


class Exhausted(RpcError):
    """The call ended for lack of gas or time: of the contract's making, or because the endpoint allows too little."""


class WrongChain(RpcError):
    """An endpoint serves another chain than the one that was configured."""


class GatewayError(Upstream):
    """No gateway could deliver."""


class PinnerError(Upstream):
    """A pinning service refused, failed, or answered with another CID."""


class PinnerRefused(PinnerError):
    """A pinning service does not take the credentials, or the account may not do it; trying again changes nothing."""


class PinnerBusy(PinnerError):
    """A pinning service could not answer now; `retry_after` are the seconds it asks to be left alone, None unsaid."""

    def __init__(self, message: str, *, retry_after: float | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class SourceError(Upstream):
    """The index that is mirrored failed, or what it says cannot be used."""


class StoreError(Upstream):
    """The database or bucket that the operator set up failed, or holds what cannot be used."""


class SecretError(Upstream):
    """A setting that is kept elsewhere could not be read; no message shows its value."""


class PageTooLarge(Upstream):
    """A page is larger than this server can send, and not written to where it could be read."""
