"""JSON-RPC endpoints whose URLs are the value of a parameter: one, or a comma-separated list."""

import threading
from collections.abc import Callable, Sequence

from ...errors import InvalidInput, SecretError, Upstream
from ...ethereum.rpc import ANSWERS, HttpRpc, Rpc
from ...http import Fetcher
from ...http.url import parse_target
from ...registry.chain.endpoints import Check
from .value import CachedParameter

MAX_URLS = 16


class ParameterEndpoints:
    """The endpoints that a parameter stands for in a list of endpoints. Safe to use from several threads."""

    def __init__(self, parameter: CachedParameter, fetcher: Fetcher) -> None:
        self._parameter = parameter
        self._fetcher = fetcher
        self._lock = threading.Lock()
        self._rpcs: tuple[Rpc, ...] = ()

    def rpcs(self, check: Check) -> tuple[Rpc, ...]:
        """Return the endpoints, each behind `check`; the same objects until their number changes. May read the value.

        While the value cannot be read, there is one endpoint, which raises the reason when it is asked.
        """
        try:
            count = len(_urls(self._parameter.value(), self._parameter))
        except Upstream:
            count = 1

        def connect(url: str) -> Rpc:
            return check(HttpRpc(url, self._fetcher))

        with self._lock:
            if len(self._rpcs) != count:
                self._rpcs = tuple(DeferredRpc(self._parameter, n, connect) for n in range(count))
            return self._rpcs


class DeferredRpc:
    """The endpoint number `index` of a parameter's list, looked up when it is asked.

    When it fails, its URL may have been replaced, so the value is read again and another URL is tried at once.
    """

    def __init__(self, parameter: CachedParameter, index: int, connect: Callable[[str], Rpc]) -> None:
        self._parameter = parameter
        self._index = index
        self._connect = connect
        self._made: tuple[str, Rpc] | None = None

    def __str__(self) -> str:
        return f"{self._parameter} ({self._index + 1})"

    def request(self, method: str, params: Sequence[object]) -> object:
        """Return the endpoint's answer. Raises as the port says, and SecretError where its URL cannot be read."""
        value = self._parameter.value()
        url = self._url(value)
        try:
            return self._at(url).request(method, params)
        except ANSWERS:
            raise
        except Upstream:
            if not self._parameter.doubt(value):
                raise
        return self._at(self._url(self._parameter.value())).request(method, params)

    def _url(self, value: str) -> str:
        urls = _urls(value, self._parameter)
        if self._index >= len(urls):
            raise SecretError(f"{self._parameter} has no URL number {self._index + 1} any more")
        return urls[self._index]

    def _at(self, url: str) -> Rpc:
        made = self._made
        if made is None or made[0] != url:
            self._made = made = url, self._connect(url)
        return made[1]


def _urls(value: str, parameter: CachedParameter) -> Sequence[str]:
    """Return the URLs in a value. Raises SecretError, which shows none of it."""
    urls = [part.strip() for part in value.split(",") if part.strip()]
    try:
        for url in urls:
            parse_target(url)
    except InvalidInput:
        urls = []
    if not 1 <= len(urls) <= MAX_URLS:
        raise SecretError(
            f"the value of {parameter} is not one to {MAX_URLS} http(s) URLs, separated by commas",
            hint="put the parameter right; it is read again within seconds",
        )
    return urls
