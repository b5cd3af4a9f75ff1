"""A clock that a test moves."""


class Clock:
    """Returns `now`, in seconds, which a test sets and `sleep` advances; `slept` are the pauses."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Advance the clock."""
        self.slept.append(seconds)
        self.now += seconds
