"""Functions and API routes, as given or as a compiled CloudFormation template has them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .intrinsics import resolve

DEFAULT = "$default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A Lambda function.

    `handler` is `path/module.attribute` in the artifact, `timeout` in seconds, `memory` in MB. `concurrency` is the
    number of environments reserved for it: one more request at a time is refused; None where none is reserved.
    """

    name: str
    handler: str
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float = 15.0
    concurrency: int | None = None
    memory: int = 1024
    snap_start: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """A route of an HTTP API: a key such as `GET /simple/{proxy+}` or `$default`, and the function's name."""

    key: str
    function: str


def from_template(
    compiled: Mapping[str, Any], parameters: Mapping[str, str] | None = None
) -> tuple[tuple[Function, ...], tuple[Route, ...]]:
    """Return the functions and routes of a compiled CloudFormation template.

    `parameters` are values for what only a deployment knows: `LogicalId` for a Ref, `LogicalId.Attribute` for a
    GetAtt, and pseudo parameters such as `AWS::Region`. Raises KeyError, naming it, for one that is needed and missing.
    """
    resources: Mapping[str, Any] = compiled["Resources"]
    lookup = _Lookup(resources, parameters or {})
    functions = {
        key: _function(lookup.properties(key)) for key, each in resources.items() if each["Type"] == _TYPES + "Function"
    }
    routes = tuple(
        Route(str(properties["RouteKey"]), functions[lookup.target(properties["Target"])].name)
        for key, each in resources.items()
        if each["Type"] == "AWS::ApiGatewayV2::Route"
        for properties in (each["Properties"],)
    )
    return tuple(functions.values()), routes


_TYPES = "AWS::Lambda::"


def _function(properties: Mapping[str, Any]) -> Function:
    reserved = properties.get("ReservedConcurrentExecutions")
    return Function(
        name=str(properties["FunctionName"]),
        handler=str(properties["Handler"]),
        environment={
            name: str(value) for name, value in properties.get("Environment", {}).get("Variables", {}).items()
        },
        timeout=float(properties.get("Timeout", 3)),
        concurrency=None if reserved is None else int(reserved),
        memory=int(properties.get("MemorySize", 128)),
        snap_start=properties.get("SnapStart", {}).get("ApplyOn") == "PublishedVersions",
    )


class _Lookup:
    """Follows the references from one resource of a template to another."""

    def __init__(self, resources: Mapping[str, Any], parameters: Mapping[str, str]) -> None:
        self._resources = resources
        self._parameters = parameters

    def properties(self, key: str) -> dict[str, Any]:
        """Return the properties of a function that `_function` reads, with every reference followed."""
        wanted = ("FunctionName", "Handler", "Environment", "Timeout", "MemorySize", "SnapStart")
        given = self._resources[key]["Properties"]
        found = {name: resolve(given[name], self._parameters) for name in wanted if name in given}
        if "ReservedConcurrentExecutions" in given:
            found["ReservedConcurrentExecutions"] = resolve(given["ReservedConcurrentExecutions"], self._parameters)
        return found

    def target(self, target: Any) -> str:  # noqa: ANN401 - an intrinsic function
        """Return the logical id of the function that a route's target leads to."""
        integration = next(part["Ref"] for part in target["Fn::Join"][1] if isinstance(part, dict))
        return _first_function(self._resources[integration]["Properties"]["IntegrationUri"], self._resources)


def _first_function(value: Any, resources: Mapping[str, Any]) -> str:  # noqa: ANN401
    """Return the logical id of the function that an integration's URI names, directly or by an alias."""
    for name in _references(value):
        if resources.get(name, {}).get("Type") == _TYPES + "Function":
            return name
        if resources.get(name, {}).get("Type") == _TYPES + "Alias":
            return _first_function(resources[name]["Properties"]["FunctionName"], resources)
    raise KeyError(f"no function in the integration {value}")


def _references(value: Any) -> list[str]:  # noqa: ANN401
    if isinstance(value, Mapping):
        if "Ref" in value:
            return [str(value["Ref"])]
        if "Fn::GetAtt" in value:
            return [str(value["Fn::GetAtt"][0])]
        return [name for each in value.values() for name in _references(each)]
    return [name for each in value for name in _references(each)] if isinstance(value, list) else []
