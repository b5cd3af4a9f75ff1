"""API arguments from CloudFormation properties, by botocore's model of the operation.

The two differ in the case of names (AcmCertificateArn, ACMCertificateArn), in CloudFront's lists, which its API wraps
as {Quantity, Items}, and in numbers and flags that templates may write as strings.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

Loose: TypeAlias = Any  # JSON, and what botocore, which has no types, makes of it

_SCALARS: Mapping[str, Callable[[Any], Any]] = {
    "integer": int,
    "long": int,
    "float": float,
    "double": float,
    "string": lambda value: str(value).lower() if isinstance(value, bool) else str(value),
    "boolean": lambda value: value if isinstance(value, bool) else str(value).lower() == "true",
    "blob": lambda value: value.encode() if isinstance(value, str) else value,
}


def fit(value: Loose, shape: Loose) -> Loose:
    """Return `value` in the form of a botocore shape. Unknown names stay, so that botocore refuses them."""
    if shape.type_name == "structure":
        return _structure(value, shape)
    if shape.type_name == "list":
        return [fit(item, shape.member) for item in (value if isinstance(value, list) else [value])]
    if shape.type_name == "map":
        return {str(key): fit(item, shape.value) for key, item in value.items()}
    return _SCALARS.get(shape.type_name, lambda same: same)(value)


def _structure(value: Loose, shape: Loose) -> Loose:
    if "Quantity" in shape.members:
        value = _counted(value)
    if not isinstance(value, Mapping):
        return value
    names = {name.lower(): name for name in shape.members}
    found = {names.get(key.lower(), key): item for key, item in value.items()}
    return {name: fit(item, shape.members[name]) if name in shape.members else item for name, item in found.items()}


def _counted(value: Loose) -> dict[str, Any]:
    if isinstance(value, list):
        value = {"Items": value}
    return {"Quantity": len(value.get("Items", ()))} | dict(value)
