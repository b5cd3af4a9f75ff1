"""Pinners by URI: `kubo:http://127.0.0.1:5001` is a Kubo RPC endpoint, or the embedded store, which speaks the same."""

from ..errors import InvalidInput, InvalidSettings
from ..http import Fetcher
from ..http.url import parse_target
from .kubo import KuboPinner
from .port import Pinner


def pinner_from_uri(uri: str, fetcher: Fetcher | None = None) -> Pinner:
    """Return the pinner that a setting names. Raises InvalidSettings."""
    kind, _, rest = uri.strip().partition(":")
    if kind != "kubo":
        raise InvalidSettings([f"the pinner {kind[:20]!r} is unknown; write kubo:http://127.0.0.1:5001"])
    try:
        parse_target(rest)
    except InvalidInput as error:
        raise InvalidSettings([f"the pinner kubo: needs the URL of a Kubo RPC endpoint after it ({error})"]) from None
    return KuboPinner(rest, fetcher or Fetcher())
