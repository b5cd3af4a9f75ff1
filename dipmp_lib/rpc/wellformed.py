"""Results of the shape that their method has, checked while another endpoint can still be asked."""

from collections.abc import Callable, Mapping, Sequence

from .calls import quantity, unhex
from .port import Rpc

_SHAPES: Mapping[str, Callable[[object], object]] = {
    "eth_blockNumber": quantity,
    "eth_call": unhex,
    "eth_chainId": quantity,
    "eth_getCode": unhex,
}


class WellFormed:
    """Wraps one endpoint: a result that is not what the method results in is a malformed answer."""

    def __init__(self, rpc: Rpc) -> None:
        self._rpc = rpc

    def __str__(self) -> str:
        return str(self._rpc)

    def request(self, method: str, params: Sequence[object]) -> object:
        """Return the endpoint's answer. Raises as the port says."""
        result = self._rpc.request(method, params)
        if method in _SHAPES:
            _SHAPES[method](result)
        return result
