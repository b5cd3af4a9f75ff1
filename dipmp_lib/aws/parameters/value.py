"""Parameters: their names, the port that reads them, and a value cached for a while."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ...caching import SingleFlight
from ...errors import InvalidInput, SecretError, Upstream

PREFIX = "ssm:"
_NAME = re.compile(r"(?=.{2,1011}\Z)(?!/(?i:aws|ssm))(?:/[A-Za-z0-9_.-]+){1,15}")
"""A path as Systems Manager allows it; the first words `aws` and `ssm` are reserved."""


@dataclass(frozen=True, slots=True)
class ParameterName:
    """The path of a parameter; `str()` gives it as the setting spells it."""

    path: str

    def __str__(self) -> str:
        return PREFIX + self.path


def is_parameter(text: str) -> bool:
    """Tell whether a setting's text is meant to name a parameter."""
    return text.startswith(PREFIX)


def parse_parameter(text: str) -> ParameterName:
    """Parse `ssm:/path`. Raises InvalidInput."""
    path = text.removeprefix(PREFIX)
    if not is_parameter(text) or not _NAME.fullmatch(path):
        raise InvalidInput(f"{text[:80]!r} is not ssm:/NAME", hint="write it as ssm:/dipmp/prod/eth-gateway")
    return ParameterName(path)


MAX_VALUE = 8 * 1024
"""Bytes of the longest value that Systems Manager allows (an advanced parameter)."""


class Parameters(Protocol):
    """Reads parameters. Implementations are bounded in time and size, and safe to call from several threads."""

    def get(self, name: ParameterName) -> str:
        """Return the decrypted value. Raises SecretError, or StoreError, neither of which shows any of it."""
        ...


TTL = 300.0
"""Seconds after which a value is read again."""
RETRY = 5.0
"""Seconds for which a value that was just read, with or without success, is not read again."""
_WAIT = 8.0
"""Seconds that a thread waits for another one that reads the value, which ends earlier by its own deadline."""


class CachedParameter:
    """One parameter; the last value stays in use while a new one cannot be read. Safe to use from several threads."""

    def __init__(
        self,
        name: ParameterName,
        parameters: Parameters,
        *,
        ttl: float = TTL,
        retry: float = RETRY,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._parameters = parameters
        self._ttl = ttl
        self._retry = retry
        self._clock = clock
        self._lock = threading.Lock()
        self._calls: SingleFlight[None, None] = SingleFlight(_WAIT)
        self.forget()

    def __str__(self) -> str:
        return str(self.name)

    def __repr__(self) -> str:
        return f"CachedParameter({self.name})"

    def forget(self) -> None:
        """Forget the value, as before a snapshot of the process, from which several others start."""
        self._value: str | None = None
        self._failure: Upstream | None = None
        self._due = float("-inf")
        self._asked = float("-inf")

    def value(self) -> str:
        """Return the value. Raises SecretError or another Upstream error that does not show it."""
        if self._clock() >= self._due:
            self._calls.do(None, self._refresh)
        with self._lock:
            if self._value is not None:
                return self._value
            raise self._failure or SecretError(f"{self.name} could not be read")

    def doubt(self, seen: str) -> bool:
        """Read the value again, as `seen` does not work any more; tell whether it is another one now."""
        with self._lock:
            if self._value == seen and self._clock() - self._asked >= self._retry:
                self._due = float("-inf")
        return self.value() != seen

    def _refresh(self) -> None:
        with self._lock:
            self._asked = now = self._clock()
            if now < self._due:
                return  # another thread was faster
        try:
            value = self._parameters.get(self.name)
            if not value.strip() or len(value.encode(errors="replace")) > MAX_VALUE:
                raise SecretError(f"the value of {self.name} is empty, or longer than {MAX_VALUE} bytes")
        except Upstream as failure:
            with self._lock:
                self._failure, self._due = failure, self._clock() + self._retry
            return
        with self._lock:
            self._value, self._failure, self._due = value, None, self._clock() + self._ttl
