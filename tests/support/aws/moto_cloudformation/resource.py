"""CloudFormation resources that are made through the API of their service."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, ClassVar, Self

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from moto.cloudformation.exceptions import ValidationError
from moto.core.common_models import CloudFormationModel

from tests.support.aws.moto_cloudformation.shapes import fit

Arguments = Mapping[str, Any]
ToArguments = Callable[[Arguments, str], Iterator[Arguments]]


def as_they_are(properties: Arguments, _: str) -> Iterator[Arguments]:
    """Yield the properties as the arguments of one call."""
    yield properties


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A type of resource: the API operations that create, update and delete it.

    `keys` names what identifies a resource, as arguments of `update` and `delete`; each is found in the answer to
    `create` (under the given name), or among its arguments. The last but IfMatch is the physical id, unless `ref`
    names another. `name` is the property that CloudFormation makes up where a template leaves it out. `arguments`
    turns properties and the resource's name into the arguments of one or more calls. Without `update` a changed
    resource is replaced; without `delete` it ends with what it belongs to.
    """

    type: str
    service: str
    create: str
    keys: Mapping[str, str]
    update: str = ""
    delete: str = ""
    name: str = ""
    ref: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    arguments: ToArguments = as_they_are


class Resource:
    """A resource as moto stores it; one subclass per kind."""

    kind: ClassVar[Kind]

    def __init__(self, name: str, known: Arguments) -> None:
        self.name = name
        self.known = known
        self.keys = {key: known[source] for key, source in self.kind.keys.items()}
        last = [value for key, value in self.keys.items() if key != "IfMatch"][-1]
        self.physical_resource_id = str(known[self.kind.ref] if self.kind.ref else last)

    @classmethod
    def cloudformation_type(cls) -> str:
        return cls.kind.type

    @classmethod
    def cloudformation_name_type(cls) -> str:
        return cls.kind.name

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr in cls.kind.attributes

    def is_created(self) -> bool:
        return True

    def get_cfn_attribute(self, attr: str) -> object:
        return self.known[self.kind.attributes[attr]]

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Arguments, account_id: str, region_name: str, **_: str
    ) -> Self:
        properties = dict(cloudformation_json["Properties"])
        if cls.kind.name:
            properties.setdefault(cls.kind.name, resource_name)
        known: dict[str, Any] = {}
        for arguments in cls.kind.arguments(properties, resource_name):
            known |= dict(arguments) | call(cls.kind, cls.kind.create, arguments, region_name)
        return cls(resource_name, known)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Self,
        new_resource_name: str,
        cloudformation_json: Arguments,
        account_id: str,
        region_name: str,
    ) -> Self:
        properties = dict(cloudformation_json["Properties"])
        name = original_resource.name
        if not cls.kind.update:
            original_resource.delete(account_id, region_name)
            return cls.create_from_cloudformation_json(name, cloudformation_json, account_id, region_name)
        if cls.kind.name:
            properties.setdefault(cls.kind.name, name)
        known = dict(original_resource.known)
        for arguments in cls.kind.arguments(properties, name):
            changed = original_resource.keys | dict(arguments)
            known |= dict(arguments) | call(cls.kind, cls.kind.update, changed, region_name, surplus=True)
        return cls(name, known)

    def delete(self, account_id: str, region_name: str) -> None:
        """Delete the resource; one that is gone is no error, since moto deletes in any order."""
        if not self.kind.delete:
            return
        try:
            call(self.kind, self.kind.delete, self.keys, region_name)
        except ValidationError as error:
            if not _is_gone(error.__cause__):
                raise


def call(kind: Kind, operation: str, arguments: Arguments, region: str, *, surplus: bool = False) -> dict[str, Any]:
    """Call the service; return its answer, flat.

    `surplus` drops arguments that the operation does not take. Raises ValidationError, which fails the stack.
    """
    client = boto3.client(kind.service, region_name=region)
    shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation]).input_shape
    taken = {name: value for name, value in fit(arguments, shape).items() if name in shape.members or not surplus}
    try:
        answer = getattr(client, operation)(**taken)
    except (BotoCoreError, ClientError) as error:
        raise ValidationError(kind.type, f"{kind.type}: {error}") from error
    return _flat({name: value for name, value in answer.items() if name != "ResponseMetadata"})


def _is_gone(cause: BaseException | None) -> bool:
    return (
        isinstance(cause, ClientError) and cause.response["ResponseMetadata"]["HTTPStatusCode"] == HTTPStatus.NOT_FOUND
    )


def _flat(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the members of all nested structures; an outer one hides an inner one of the same name."""
    inner = [_flat(value) for value in answer.values() if isinstance(value, dict)]
    return {name: value for part in (*inner, answer) for name, value in part.items()}


def register(kind: Kind) -> None:
    """Register a kind with moto, which reads CloudFormationModel's direct subclasses once, at the first stack."""
    type(kind.type.replace("::", ""), (Resource, CloudFormationModel), {"kind": kind, "__module__": __name__})
