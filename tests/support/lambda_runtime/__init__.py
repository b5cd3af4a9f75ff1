"""Lambda functions and their HTTP API on loopback, under the runtime client that AWS publishes (`make lambda`).

One process of the runtime client (awslambdaric) for each execution environment, against an emulator of the Runtime API;
events of payload format 2.0; only the variables that Lambda sets. What AWS enforces and a client can tell is enforced
here: the timeout, 6 MB for a response, one request at a time in an environment, reserved concurrency. `make lambda` and
the tests run the artifact here before it is deployed.
"""

from .config import Function, Route, from_template
from .extension import Parameters, stored_parameters
from .local_lambda import Cloud, LocalLambda
from .runtime import Runtime, find_runtime

__all__ = [
    "Cloud",
    "Function",
    "LocalLambda",
    "Parameters",
    "Route",
    "Runtime",
    "find_runtime",
    "from_template",
    "stored_parameters",
]
