"""JSON-RPC over HTTP in front of an Rpc port in memory: `FaultProxy(json_rpc(rpc))`."""

import json
from collections.abc import Callable

from dipmp_lib.errors import Reverted, RpcError
from dipmp_lib.ethereum.rpc import Rpc
from tests.support.faulty.fault_proxy import Reply, Responder
from tests.support.faulty.toxics import Request


def json_rpc(rpc: Rpc) -> Responder:
    """Return a responder that answers with the results and errors of `rpc`."""

    def respond(request: Request) -> Reply:
        call = request.json()
        outcome: dict[str, object]
        try:
            outcome = {"result": rpc.request(call["method"], call["params"])}
        except RpcError as error:
            code = error.code if error.code is not None else -32000
            data = {"data": error.data} if isinstance(error, Reverted) else {}
            outcome = {"error": {"code": code, "message": str(error), **data}}
        return 200, json.dumps({"jsonrpc": "2.0", "id": call["id"], **outcome}).encode()

    return respond


def calls(*methods: str) -> Callable[[Request], bool]:
    """Return a condition for toxics that holds for requests of these methods."""
    return lambda request: request.json()["method"] in methods
