"""CloudFormation's intrinsic functions, as far as the environment of a function uses them."""

import re
from collections.abc import Mapping
from typing import Any

DEFAULTS = {
    "AWS::AccountId": "000000000000",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::StackName": "local",
    "AWS::URLSuffix": "amazonaws.com",
}
_VARIABLE = re.compile(r"\$\{([^!][^}]*)\}")


def resolve(value: Any, parameters: Mapping[str, str]) -> Any:  # noqa: ANN401 - whatever JSON a template holds
    """Return the value with Ref, Fn::GetAtt, Fn::Sub and Fn::Join followed; `AWS::NoValue` leaves its key out.

    Raises KeyError, naming what `parameters` lack.
    """
    if isinstance(value, list):
        return [resolve(each, parameters) for each in value if not _is_nothing(each)]
    if not isinstance(value, Mapping):
        return value
    if len(value) == 1:
        [(name, argument)] = value.items()
        if name in _FUNCTIONS:
            return _FUNCTIONS[name](argument, parameters)
    return {name: resolve(each, parameters) for name, each in value.items() if not _is_nothing(each)}


def _is_nothing(value: Any) -> bool:  # noqa: ANN401
    return bool(value == {"Ref": "AWS::NoValue"})


def _ref(name: str, parameters: Mapping[str, str]) -> str:
    return {**DEFAULTS, **parameters}[name]


def _get_att(argument: Any, parameters: Mapping[str, str]) -> str:  # noqa: ANN401
    return parameters[argument if isinstance(argument, str) else ".".join(argument)]


def _sub(argument: Any, parameters: Mapping[str, str]) -> str:  # noqa: ANN401
    text, own = (argument, {}) if isinstance(argument, str) else argument
    known = {**DEFAULTS, **parameters, **resolve(own, parameters)}
    return _VARIABLE.sub(lambda match: known[match[1]], text)


def _join(argument: Any, parameters: Mapping[str, str]) -> str:  # noqa: ANN401
    separator, parts = argument
    return str(separator).join(str(part) for part in resolve(parts, parameters))


_FUNCTIONS = {"Ref": _ref, "Fn::GetAtt": _get_att, "Fn::Sub": _sub, "Fn::Join": _join}
