"""Which resources of a template a deployment with the parameters' defaults makes. Pure."""

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]


def made(template: Json) -> dict[str, Json]:
    """Return the resources whose condition holds, by logical id. Raises KeyError for a function that is not known."""
    return {
        name: resource
        for name, resource in template["Resources"].items()
        if "Condition" not in resource or _holds({"Condition": resource["Condition"]}, template)
    }


def choose(value: Any, template: Json) -> Any:  # noqa: ANN401 - whatever JSON a template holds
    """Return a value with Fn::If decided and Ref of a parameter replaced by its default, at its outermost level."""
    while isinstance(value, Mapping) and len(value) == 1:
        if "Fn::If" in value:
            condition, then, otherwise = value["Fn::If"]
            value = then if _holds({"Condition": condition}, template) else otherwise
        elif "Ref" in value and value["Ref"] in template.get("Parameters", {}):
            value = template["Parameters"][value["Ref"]].get("Default", "")
        else:
            break
    return value


def _holds(test: Json, template: Json) -> bool:
    [(function, argument)] = test.items()
    match function:
        case "Condition":
            return _holds(template["Conditions"][argument], template)
        case "Fn::Equals":
            left, right = (choose(side, template) for side in argument)
            return bool(left == right)
        case "Fn::Not":
            return not _holds(argument[0], template)
        case "Fn::And":
            return all(_holds(each, template) for each in argument)
        case "Fn::Or":
            return any(_holds(each, template) for each in argument)
    raise KeyError(function)
