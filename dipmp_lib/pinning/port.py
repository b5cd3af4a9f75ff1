"""The pinner port."""

from collections.abc import Callable, Iterator
from typing import Protocol

from ..cid import Cid

Archive = Callable[[], Iterator[bytes]]
"""Writes a CAR anew each time it is called."""


class Pinner(Protocol):
    """A service that keeps files. Implementations are safe to call from several threads."""

    @property
    def name(self) -> str:
        """What messages call it; holds no secret."""
        ...

    @property
    def operator(self) -> str:
        """Who runs it, as `operator_of` says, "" where that is not known: its own gateways prove nothing."""
        ...

    @property
    def fetches(self) -> bool:
        """Whether it gets the blocks itself, from somebody who has them, instead of taking the archive."""
        ...

    def pin(self, root: Cid, car: Archive, size: int) -> None:
        """Send a CAR of exactly `size` bytes, which `car` writes anew for every attempt, and have its root kept.

        Raises PinnerError unless the service says that it keeps exactly `root`: PinnerRefused where it does not take
        the credentials, PinnerBusy where a later try may succeed; PublishError where the file behind the archive
        changed meanwhile.
        """
        ...
