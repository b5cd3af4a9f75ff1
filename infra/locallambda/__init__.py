"""AWS Lambda and an HTTP API on loopback, for running the artifact before it is deployed.

One process of the real runtime client (awslambdaric) for each environment, against an emulator of the Runtime API;
events of payload format 2.0; only the variables that Lambda sets. What AWS enforces and a client can tell is enforced
here: the timeout, 6 MB for a response, one request at a time in an environment, reserved concurrency.
"""

from .config import Function, Route, from_template
from .extension import Parameters, stored_parameters
from .local import Cloud, LocalLambda
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
