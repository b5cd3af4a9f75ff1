"""Parameters of AWS Systems Manager as settings: `ssm:/name` stands for the value of the parameter `/name`.

A value is read when it is first needed, and never in a repr, a log line or an error.
"""

from .endpoints import ParameterEndpoints
from .extension import ExtensionParameters
from .value import CachedParameter, ParameterName, Parameters, is_parameter, parse_parameter

__all__ = [
    "CachedParameter",
    "ExtensionParameters",
    "ParameterEndpoints",
    "ParameterName",
    "Parameters",
    "is_parameter",
    "parse_parameter",
]
