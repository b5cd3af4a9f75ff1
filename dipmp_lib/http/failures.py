"""Everything that can go wrong in an exchange, as a few words without anything that the peer sent."""

import http.client
import os
import socket
import ssl

from .budget import Budget, OverrunError


class RefusedError(Exception):
    """An answer that is not taken; the text says why."""


class CallerError(Exception):
    """The caller's own body iterator raised `error`."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


FAILURES = (OSError, http.client.HTTPException, ValueError, OverrunError, RefusedError)
"""What an exchange may raise because of its peer. ValueError: http.client parses some fields with int() and codecs."""

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
