"""HTTP/1.1 client: one request, one answer that is bounded in bytes and time."""

import http.client
import os
import socket
import ssl
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ..errors import InvalidInput, Upstream
from .connections import Budget, Connection, OverrunError, Pool, TlsSocket
from .url import ParsedUrl, parse_target


class RefusedError(Exception):
    """An answer that is not accepted; the text says why."""


class CallerError(Exception):
    """The caller's body iterator or sink raised `error`."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


FAILURES = (OSError, http.client.HTTPException, ValueError, OverrunError, RefusedError)
"""Exceptions that a peer can cause. ValueError: http.client parses some fields with int() and codecs."""

_WORDS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (ConnectionRefusedError, "refuses the connection"),
    (
        (ConnectionError, http.client.IncompleteRead, ssl.SSLEOFError, ssl.SSLZeroReturnError),
        "broke off the connection",
    ),
    (socket.gaierror, "has a host name that does not resolve"),
    (ssl.SSLCertVerificationError, "has a TLS certificate that does not verify"),
    (ssl.SSLError, "failed in the TLS handshake or record layer"),
)


def describe(failure: Exception, budget: Budget) -> str:
    """Return the predicate of a sentence whose subject is the URL."""
    if budget.spent or isinstance(failure, TimeoutError):
        return f"did not answer completely within {budget.seconds:g} s"
    if isinstance(failure, OverrunError):
        return f"sent more than the {budget.max_bytes} bytes that are allowed"
    if isinstance(failure, RefusedError):
        return str(failure)
    words = next((words for kind, words in _WORDS if isinstance(failure, kind)), "")
    return words or _describe_other(failure)


def _describe_other(failure: Exception) -> str:
    if isinstance(failure, OSError):
        return "cannot be reached" + (f" ({os.strerror(failure.errno)})" if failure.errno else "")
    return "did not answer in HTTP/1.1"


_CHUNK = 65_536
_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP response. Header names are lower case; repeated headers are joined with a comma."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Fetcher:
    """HTTP/1.1 client with keep-alive. Safe to use from several threads; idle connections close with it.

    TLS is always verified, against the system's certificates unless a context is given.
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None, user_agent: str = "dipmp") -> None:
        self._given_tls = tls
        self._user_agent = user_agent
        self._pool = Pool()
        weakref.finalize(self, self._pool.close)

    def fetch(
        self,
        method: str,
        url: str,
        *,
        body: bytes | Iterable[bytes] = b"",
        headers: Mapping[str, str] = _NOTHING,
        deadline: float,
        max_bytes: int,
        error: type[Upstream] = Upstream,
        sink: Callable[[bytes], object] | None = None,
    ) -> Answer:
        """Send one request and return the whole answer, whatever its status; redirects are not followed.

        `deadline` is in seconds and covers everything: resolving, connecting, TLS, sending, the last byte received.
        `max_bytes` bounds the body. A `body` of several parts is sent chunked, and the exceptions of its iterator
        pass through. When the peer has closed an idle connection, a request with a bytes body is sent a second time.
        A `sink` gets the body of a 200 in pieces, and the answer has none then; its exceptions pass through, too.

        Raises InvalidInput for a URL or header that cannot be sent, and `error` for every failure of the peer or the
        network: no answer in time, a broken or over-long one, or one with a content coding.
        """
        target = parse_target(url)
        budget = Budget(deadline, max_bytes)
        request = _Request(method, target, body, self._headers(headers, target), sink)
        try:
            return self._fetch(request, budget)
        except CallerError as failure:
            raise failure.error from None
        except FAILURES as failure:
            raise error(f"{target} {describe(failure, budget)}") from None

    def close(self) -> None:
        """Close idle connections. The fetcher can still be used."""
        self._pool.close()

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """The TLS context, made at the first https URL, as loading the certificates takes tens of milliseconds."""
        tls = self._given_tls or ssl.create_default_context()
        tls.sslsocket_class = TlsSocket
        return tls

    def _headers(self, headers: Mapping[str, str], target: ParsedUrl) -> dict[str, str]:
        own = {"User-Agent": self._user_agent}
        if target.authorization:
            own["Authorization"] = target.authorization
        return {**own, **headers, "Accept-Encoding": "identity"}

    def _fetch(self, request: "_Request", budget: Budget) -> Answer:
        idle = self._pool.take(request.target.origin) if isinstance(request.body, bytes) else None
        if idle is not None:
            try:
                return self._exchange(idle, request, budget)
            except (ConnectionError, ssl.SSLEOFError):  # http.client.RemoteDisconnected is a ConnectionError
                if budget.received or budget.spent:
                    raise
        tls = self._tls if request.target.origin.scheme == "https" else None
        return self._exchange(Connection(request.target.origin, tls), request, budget)

    def _exchange(self, connection: Connection, request: "_Request", budget: Budget) -> Answer:
        try:
            connection.begin(budget)
            request.send(connection)
            with connection.getresponse() as response:
                answer = _read(response, budget.max_bytes, request.sink)
                keep = response.isclosed() and not response.will_close
        except BaseException:
            connection.close()
            raise
        if keep:
            self._pool.give(connection)
        else:
            connection.close()
        return answer


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    target: ParsedUrl
    body: bytes | Iterable[bytes]
    headers: dict[str, str]
    sink: Callable[[bytes], object] | None

    def send(self, connection: Connection) -> None:
        body = self.body or None if isinstance(self.body, bytes) else _guarded(self.body)
        try:
            connection.request(self.method, self.target.path, body, self.headers, encode_chunked=True)
        except (ConnectionError, ssl.SSLEOFError):
            if connection.sock is None:
                raise
            # The peer may have answered (401, 413) and stopped reading; its answer says more than the broken pipe.
        except ssl.SSLError:
            raise  # of which one kind is a ValueError
        except ValueError:
            raise InvalidInput(f"a header or the method of a request to {self.target} cannot be sent") from None


def _guarded(parts: Iterable[bytes]) -> Iterator[bytes]:
    try:
        yield from parts
    except Exception as error:
        raise CallerError(error) from error


def _guarded_sink(sink: Callable[[bytes], object]) -> Callable[[bytes], object]:
    def receive(part: bytes) -> None:
        try:
            sink(part)
        except Exception as error:
            raise CallerError(error) from error

    return receive


def _read(response: http.client.HTTPResponse, max_bytes: int, sink: Callable[[bytes], object] | None = None) -> Answer:
    headers = _headers(response)
    if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise RefusedError("answered with a content coding that was not asked for")
    if response.length is not None and response.length > max_bytes:
        raise OverrunError
    body, count = bytearray(), 0
    take = body.extend if sink is None or response.status != 200 else _guarded_sink(sink)
    while part := response.read(min(_CHUNK, max_bytes + 1 - count)):
        count += len(part)
        if count > max_bytes:
            raise OverrunError
        take(part)
    if response.length:
        raise http.client.IncompleteRead(b"")
    return Answer(response.status, headers, bytes(body))


def _headers(response: http.client.HTTPResponse) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in response.getheaders():
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    return headers
