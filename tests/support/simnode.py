"""A simulated chain as an HTTP endpoint: `FaultProxy(rpc_endpoint(sim))`."""

import json

from dipmp_lib.errors import RpcError
from tests.support.fakechain import ChainSimulator
from tests.support.faultproxy import Reply, Responder
from tests.support.toxics import Request


def rpc_endpoint(sim: ChainSimulator) -> Responder:
    """Return what answers JSON-RPC requests from the simulator."""

    def respond(request: Request) -> Reply:
        asked = json.loads(request.body)
        answer = {"jsonrpc": "2.0", "id": asked["id"]}
        try:
            answer["result"] = sim.request(asked["method"], asked["params"])
        except RpcError as error:
            answer["error"] = {"code": error.code or -32000, "message": str(error), "data": error.data}
        return 200, json.dumps(answer).encode(), {"content-type": "application/json"}

    return respond
