"""Checks of functions and their triggers."""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.support.aws.deployment import DeployedResource, Deployment, function_of
from tests.support.fakes.aws import REGION
from tests.support.repository import ROOT

ACCOUNT = "123456789012"


def function(on: Deployment, seen: DeployedResource) -> None:
    client = on.aws.client("lambda")
    found = client.get_function_configuration(FunctionName=seen.physical)
    assert (found["Runtime"], found["Architectures"]) == ("python3.13", ["arm64"])
    assert found["Handler"] in ("functions/simple.handler", "functions/files.handler", "functions/sync.handler")
    assert found["LoggingConfig"]["LogFormat"] == "JSON"
    assert found["Layers"][0]["Arn"].split(":layer:")[1].startswith("AWS-Parameters-and-Secrets-Lambda-Extension-Arm64")
    outputs, told = on.outputs(), found["Environment"]["Variables"]
    assert (told["DIPMP_TABLE"], told["DIPMP_BUCKET"]) == (outputs["TableName"], outputs["BucketName"])
    artifact = hashlib.sha256((ROOT / "build" / "dipmp-arm64.zip").read_bytes()).digest()
    assert base64.b64decode(found["CodeSha256"]) == artifact
    reserved = client.get_function_concurrency(FunctionName=seen.physical).get("ReservedConcurrentExecutions")
    assert reserved == seen.properties.get("ReservedConcurrentExecutions")


def permission(on: Deployment, seen: DeployedResource) -> None:
    allowed = {each["Principal"]["Service"] for each in _permissions(on)}
    assert seen.properties["Principal"] in allowed


def _permissions(on: Deployment) -> Iterator[Mapping[str, Any]]:
    client = on.aws.client("lambda")
    for name, resource in on.resources().items():
        if resource.type == "AWS::Lambda::Function":
            assert name.endswith("LambdaFunction")
            yield from json.loads(client.get_policy(FunctionName=resource.physical)["Policy"])["Statement"]


def version(on: Deployment, seen: DeployedResource) -> None:
    name, number = seen.physical.split(":")[-2:]
    versions = on.aws.client("lambda").list_versions_by_function(FunctionName=name)["Versions"]
    assert number in {each["Version"] for each in versions}


def alias(on: Deployment, seen: DeployedResource) -> None:
    found = on.aws.client("lambda").get_alias(FunctionName=function_of(seen.physical), Name="snapstart")
    assert found["FunctionVersion"] == "1"


def invoke_config(on: Deployment, seen: DeployedResource) -> None:
    assert seen.logical.startswith("Sync")
    found = on.aws.client("lambda").get_function_event_invoke_config(FunctionName=f"{on.stack}-sync")
    assert (found["MaximumRetryAttempts"], found["MaximumEventAgeInSeconds"]) == (0, 300)


def rule(on: Deployment, seen: DeployedResource) -> None:
    client = on.aws.client("events")
    found = client.describe_rule(Name=seen.physical)
    assert (found["ScheduleExpression"], found["State"]) == ("rate(5 minutes)", "ENABLED")
    (target,) = client.list_targets_by_rule(Rule=seen.physical)["Targets"]
    assert function_of(target["Arn"]) == f"{on.stack}-sync"
    assert target["DeadLetterConfig"]["Arn"].startswith(f"arn:aws:sqs:{REGION}:{ACCOUNT}:{on.stack}-DeadLetters")
