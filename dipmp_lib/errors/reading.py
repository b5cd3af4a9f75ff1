"""What goes wrong between a reader and what it reads: absence, refusals, bad bytes, failing services."""

from .base import DipmpError


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
