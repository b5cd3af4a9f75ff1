"""JSON-RPC endpoints whose URLs are the value of a parameter: one, or a comma-separated list."""

import threading
from collections.abc import Callable, Sequence

from ...errors import InvalidInput, SecretError, Upstream
from ...ethereum.rpc import ANSWERS, HttpRpc, Rpc
from ...http import Fetcher
from ...http.url import parse_target
from .value import CachedParameter

MAX_URLS = 16
Check = Callable[[Rpc], Rpc]
"""Wraps an endpoint in what has to be checked before its first use."""


class ParameterEndpoints:
    """What a parameter stands for in a list of endpoints."""

    def __init__(self, kept: CachedParameter, fetcher: Fetcher) -> None:
        self._kept = kept
        self._fetcher = fetcher
        self._lock = threading.Lock()
        self._rpcs: tuple[Rpc, ...] = ()

    def rpcs(self, check: Check) -> tuple[Rpc, ...]:
        """Return the endpoints, each behind `check`, the same ones for as long as their number is.

        While the value cannot be had, there is one, which says so when it is asked. May ask for the value.
        """
        try:
            count = len(_urls(self._kept.value(), self._kept))
        except Upstream:
            count = 1

        def connect(url: str) -> Rpc:
            return check(HttpRpc(url, self._fetcher))

        with self._lock:
            if len(self._rpcs) != count:
                self._rpcs = tuple(DeferredRpc(self._kept, n, connect) for n in range(count))
            return self._rpcs


class DeferredRpc:
    """The endpoint at one place of a parameter's list, found when it is asked.

    One that fails may have been replaced there, so the value is asked for again, and another URL tried at once.
    """

    def __init__(self, kept: CachedParameter, index: int, connect: Callable[[str], Rpc]) -> None:
        self._kept = kept
        self._index = index
        self._connect = connect
        self._made: tuple[str, Rpc] | None = None

    def __str__(self) -> str:
        return f"{self._kept} ({self._index + 1})"

    def request(self, method: str, params: Sequence[object]) -> object:
        """Return the endpoint's answer. Raises as the port says, and SecretError where its URL cannot be had."""
        value = self._kept.value()
        url = self._url(value)
        try:
            return self._at(url).request(method, params)
        except ANSWERS:
            raise
        except Upstream:
            if not self._kept.doubt(value):
                raise
        return self._at(self._url(self._kept.value())).request(method, params)

    def _url(self, value: str) -> str:
        urls = _urls(value, self._kept)
        if self._index >= len(urls):
            raise SecretError(f"{self._kept} has no URL number {self._index + 1} any more")
        return urls[self._index]

    def _at(self, url: str) -> Rpc:
        made = self._made
        if made is None or made[0] != url:
            self._made = made = url, self._connect(url)
        return made[1]


def _urls(value: str, kept: CachedParameter) -> Sequence[str]:
    """Return the URLs in a value. Raises SecretError, which shows none of it."""
    urls = [part.strip() for part in value.split(",") if part.strip()]
    try:
        for url in urls:
            parse_target(url)
    except InvalidInput:
        urls = []
    if not 1 <= len(urls) <= MAX_URLS:
        raise SecretError(
            f"the value of {kept} is not one to {MAX_URLS} http(s) URLs, separated by commas",
            hint="put the parameter right; it is read again within seconds",
        )
    return urls
