"""Properties that moto's own types drop: set through the service's API, or stored with the function."""

from collections.abc import Callable, Mapping
from typing import Any

import boto3
from moto.awslambda.models import LambdaFunction
from moto.cloudformation import parsing

from tests.support.aws.moto_cloudformation.resource import Arguments

# Methods are replaced below, which their types do not allow.
_parsing: Any = parsing
_function: Any = LambdaFunction

_KEPT = ("DeadLetterConfig", "LoggingConfig", "Architectures", "TracingConfig", "SnapStart")


def install() -> None:
    """Patch moto's creation and update of resources in this process."""
    _parsing.parse_and_create_resource = _then_complete(_parsing.parse_and_create_resource)
    _parsing.parse_and_update_resource = _then_complete(_or_keep(_parsing.parse_and_update_resource))
    # The secrets extension's layer belongs to an account of AWS, which moto does not have.
    _function._get_layers_data = lambda _, arns: [{"Arn": arn, "CodeSize": 0} for arn in arns]
    configuration = _function.get_configuration
    _function.get_configuration = lambda self, *args, **more: (
        configuration(self, *args, **more) | getattr(self, "kept", {})
    )


def _or_keep(update: Callable[..., object]) -> Callable[..., object]:
    """Return the old resource where moto cannot update it and would lose it."""

    def kept(logical_id: str, resource_json: Arguments, resources_map: Arguments, **more: str) -> object:
        return update(logical_id, resource_json, resources_map, **more) or resources_map[logical_id]

    return kept


def _then_complete(make: Callable[..., object]) -> Callable[..., object]:
    def completed(logical_id: str, resource_json: Arguments, resources_map: Any, **more: str) -> object:  # noqa: ANN401
        resource = make(logical_id, resource_json, resources_map, **more)
        complete = _COMPLETE.get(resource_json["Type"])
        if resource is not None and complete:
            properties = parsing.clean_json(resource_json.get("Properties", {}), resources_map)
            complete(resource, properties, more["region_name"])
        return resource

    return completed


def _complete_function(function: Any, properties: Arguments, _: str) -> None:  # noqa: ANN401 - moto's
    function.kept = {name: properties[name] for name in _KEPT if name in properties}
    function.layers = function._get_layers_data(properties.get("Layers", []))
    function.reserved_concurrency = properties.get("ReservedConcurrentExecutions")


def _complete_table(table: Any, properties: Arguments, region: str) -> None:  # noqa: ANN401 - moto's
    client = boto3.client("dynamodb", region_name=region)
    name = table.physical_resource_id
    if "TimeToLiveSpecification" in properties:
        client.update_time_to_live(TableName=name, TimeToLiveSpecification=dict(properties["TimeToLiveSpecification"]))
    if "PointInTimeRecoverySpecification" in properties:
        wanted = {
            "PointInTimeRecoveryEnabled": properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
        }
        client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=wanted)


def _complete_bucket(bucket: Any, properties: Arguments, region: str) -> None:  # noqa: ANN401 - moto's
    client = boto3.client("s3", region_name=region)
    name = bucket.physical_resource_id
    if "PublicAccessBlockConfiguration" in properties:
        block = properties["PublicAccessBlockConfiguration"]
        client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=block)
    if "VersioningConfiguration" in properties:
        client.put_bucket_versioning(Bucket=name, VersioningConfiguration=properties["VersioningConfiguration"])


_COMPLETE: Mapping[str, Callable[[Any, Arguments, str], None]] = {
    "AWS::Lambda::Function": _complete_function,
    "AWS::DynamoDB::Table": _complete_table,
    "AWS::S3::Bucket": _complete_bucket,
}
