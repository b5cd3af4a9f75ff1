"""A stage that `sls` deploys to AWS on loopback, and its resources as AWS has them."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.bundle import PYTHON
from infra.interpreters import find
from tests.support.aws.loopback import Aws
from tests.support.aws.templates import SLS, require_sls
from tests.support.lambda_runtime import Function, Route
from tests.support.repository import ROOT

Done = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class DeployedResource:
    """A resource: its names in the template and on AWS, and its properties in the template, references included."""

    logical: str
    physical: str
    type: str
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class Deployment:
    """A stage on `aws`."""

    aws: Aws
    stage: str = "dev"

    @property
    def stack(self) -> str:
        """The stack's name."""
        return f"dipmp-{self.stage}"

    def sls(self, command: str, params: Mapping[str, str], *options: str, show: bool = False) -> Done:
        """Run `sls` with access to AWS on loopback only; `show` lets it print."""
        require_sls()
        given = [part for name, value in params.items() for part in ("--param", f"{name}={value}")]
        return subprocess.run(
            [str(SLS), command, "--stage", self.stage, *given, *options],
            cwd=ROOT,
            env=_environment(self.aws),
            capture_output=not show,
            text=True,
            timeout=300,
            check=False,
        )

    def outputs(self) -> dict[str, str]:
        """Return the stack's outputs."""
        (stack,) = self.aws.client("cloudformation").describe_stacks(StackName=self.stack)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    def resources(self) -> dict[str, DeployedResource]:
        """Return the stack's resources by logical id."""
        client = self.aws.client("cloudformation")
        template = client.get_template(StackName=self.stack)["TemplateBody"]["Resources"]
        return {
            name: DeployedResource(
                name, each.get("PhysicalResourceId", ""), each["ResourceType"], template[name]["Properties"]
            )
            for each in client.describe_stack_resources(StackName=self.stack)["StackResources"]
            for name in (each["LogicalResourceId"],)
        }

    def functions(self) -> tuple[Function, ...]:
        """Return the functions as Lambda has them."""
        client = self.aws.client("lambda")
        found = client.list_functions()["Functions"]
        return tuple(
            _function(each, client.get_function_concurrency(FunctionName=each["FunctionName"])) for each in found
        )

    def routes(self) -> tuple[Route, ...]:
        """Return the API's routes with their functions."""
        client, api = self.aws.client("apigatewayv2"), self.outputs()["HttpApiId"]
        uris = {each["IntegrationId"]: each["IntegrationUri"] for each in client.get_integrations(ApiId=api)["Items"]}
        routes = client.get_routes(ApiId=api)["Items"]
        return tuple(Route(each["RouteKey"], function_of(uris[each["Target"].split("/")[1]])) for each in routes)


def _environment(aws: Aws) -> dict[str, str]:
    """Return this environment without access to a real account. Without Python 3.13 the bundle has no bytecode."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SLS_", "SERVERLESS_"))}
    files = dict.fromkeys(("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"), os.devnull)
    bundle = "--reuse" if find(PYTHON) else "--reuse --no-bytecode"
    return clean | files | {"DIPMP_BUNDLE": bundle, "NODE_NO_WARNINGS": "1", **aws.env}


def function_of(arn: str) -> str:
    """Return a function's name from its ARN, which may end in an alias."""
    return arn.split(":function:")[1].split(":", maxsplit=1)[0]


def _function(configuration: Mapping[str, Any], concurrency: Mapping[str, Any]) -> Function:
    return Function(
        name=configuration["FunctionName"],
        handler=configuration["Handler"],
        environment=configuration["Environment"]["Variables"],
        timeout=float(configuration["Timeout"]),
        concurrency=concurrency.get("ReservedConcurrentExecutions"),
        memory=configuration["MemorySize"],
        snap_start=configuration["SnapStart"]["ApplyOn"] == "PublishedVersions",
    )
