"""Settings that are kept elsewhere: `ssm:/name` stands for the value of a parameter in AWS Systems Manager.

Nobody is asked before a value is needed. No value is in a repr, a log line or an error.
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
