"""A simulated chain as an HTTP endpoint: `FaultProxy(rpc_endpoint(sim))`."""

import json

from dipmp_lib.errors import RpcError
from tests.support.fakes.chain import ChainSimulator
from tests.support.faulty.fault_proxy import Reply, Responder
from tests.support.faulty.toxics import Request


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
