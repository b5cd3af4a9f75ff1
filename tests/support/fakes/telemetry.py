"""Telemetry that records events."""

from dipmp_lib.telemetry import Event


class RecordedTelemetry:
    """Implements the Telemetry port: `events` in order, and the `facts` of each."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.facts: list[dict[str, str | float]] = []

    def tell(self, event: Event, **facts: str | float) -> None:
        """Record an event."""
        self.events.append(event)
        self.facts.append(facts)

    def count(self, event: Event) -> int:
        """Return how often an event was recorded."""
        return self.events.count(event)
