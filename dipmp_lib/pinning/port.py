"""The pinner port."""

from collections.abc import Callable, Iterator
from typing import Protocol

from ..cid import Cid


class Pinner(Protocol):
    """A service that keeps files. Implementations are safe to call from several threads."""

    @property
    def name(self) -> str:
        """What messages call it; holds no secret."""
        ...

    def pin(self, root: Cid, car: Callable[[], Iterator[bytes]], size: int) -> None:
        """Send a CAR of exactly `size` bytes, which `car` writes anew for every attempt, and have its root kept.

        Raises PinnerError unless the service says that it keeps exactly `root`; PublishError where the file behind
        the archive changed meanwhile.
        """
        ...
