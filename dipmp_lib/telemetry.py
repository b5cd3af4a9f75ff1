"""Telemetry port: events by name, which the program that uses the library counts or logs.

Facts are short words and numbers; none of them is a URL with its path, a key, or a long text from outside.
"""

from enum import StrEnum
from typing import Protocol


class Event(StrEnum):
    """Events; the values are metric names (CloudWatch's form)."""

    RPC_FAILED = "RpcFailed"
    """An endpoint did not answer, or its answer was malformed."""
    RPC_EXCLUDED = "RpcExcluded"
    """An endpoint serves another chain, or is behind the others."""
    RPC_DISAGREEMENT = "RpcDisagreement"
    """Endpoints of one chain disagree."""
    RPC_BREAKER_OPENED = "RpcBreakerOpened"
    """An endpoint failed so often that it gets no requests for a while."""
    STALE_SERVED = "StaleServed"
    """A last known good page was served, as the chain could not be read."""
    GATEWAY_FAILED = "GatewayFailed"
    """A gateway failed to deliver content."""
    GATEWAY_LIED = "GatewayLied"
    """A gateway sent other bytes than a CID names."""
    DOWNLOAD_FAILED = "DownloadFailed"
    """No gateway delivered the bytes of a file, or they are not those listed."""
    FILE_MISSING = "FileMissing"
    """No gateway has a file that a log lists."""
    SYNC_FAILED = "SyncFailed"
    """A registry, or one log of it, could not be copied to the store that servers read in an outage."""
    STORE_FAILED = "StoreFailed"
    """The operator's database or bucket did not answer, or holds what does not verify."""
    DENIED = "Denied"
    """The operator's policy refused a request."""
    POLICY_FAILED = "PolicyFailed"
    """A denylist cannot be read, so that the last one stays in effect, or has lines that are no rules."""


class Telemetry(Protocol):
    """Receives events. Implementations are fast, never raise, and are safe to call from several threads."""

    def tell(self, event: Event, **facts: str | float) -> None:
        """Record one event."""
        ...


class Silence:
    """Ignores all events."""

    def tell(self, event: Event, **facts: str | float) -> None:
        """Ignore the event."""


SILENCE: Telemetry = Silence()
