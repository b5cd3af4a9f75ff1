"""What the library tells whoever operates it: events by name, counted or logged by the program that runs it.

Facts are short words and numbers for people; none of them is a URL, a key or text that a stranger chose at length.
"""

from enum import StrEnum
from typing import Protocol


class Event(StrEnum):
    """Everything that is told; the values are metric names (CloudWatch's form)."""

    RPC_FAILED = "RpcFailed"
    """An endpoint did not answer, or not as it should."""
    RPC_EXCLUDED = "RpcExcluded"
    """An endpoint serves another chain, or is behind the others."""
    RPC_DISAGREEMENT = "RpcDisagreement"
    """Endpoints contradict each other on what a chain says."""
    RPC_BREAKER_OPENED = "RpcBreakerOpened"
    """An endpoint failed so often that it is left alone for a while."""
    STALE_SERVED = "StaleServed"
    """A last known good page was served, as the chain could not be asked."""
    GATEWAY_FAILED = "GatewayFailed"
    """A gateway did not deliver what it should have."""
    GATEWAY_LIED = "GatewayLied"
    """A gateway sent other bytes than a CID names."""
    DOWNLOAD_FAILED = "DownloadFailed"
    """The bytes of a file could not be had from any gateway, or are not those that are listed."""
    FILE_MISSING = "FileMissing"
    """No gateway has a file that a log lists."""
    SYNC_FAILED = "SyncFailed"
    """A registry, or one log of it, could not be brought to where servers find it in an outage."""
    STORE_FAILED = "StoreFailed"
    """The operator's database or bucket did not answer, or holds what does not verify."""
    DENIED = "Denied"
    """The operator's policy refused a request."""
    POLICY_FAILED = "PolicyFailed"
    """A denylist cannot be read, so what was read before stays in effect, or has lines that are no rules."""


class Telemetry(Protocol):
    """Takes events. Implementations are quick, never raise, and are safe to call from several threads."""

    def tell(self, event: Event, **facts: str | float) -> None:
        """Take note of one event."""
        ...


class Silence:
    """Takes no note of anything."""

    def tell(self, event: Event, **facts: str | float) -> None:
        """Do nothing."""


SILENCE: Telemetry = Silence()
