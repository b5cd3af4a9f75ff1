"""Functions and routes of a compiled template, and the selection of a route."""

from typing import Any

import pytest

from dipmp_lib.aws.parameters import ParameterName
from dipmp_lib.server.settings import Settings
from tests.infra.stages import PIN
from tests.infra.stages import template as template_of
from tests.support.lambda_runtime import Function, Route, from_template
from tests.support.lambda_runtime.intrinsics import resolve
from tests.support.lambda_runtime.routing import Router

ROUTES = [
    Route("$default", "rest"),
    Route("GET /", "home"),
    Route("GET /simple/{proxy+}", "simple"),
    Route("GET /simple/0xAB/{proxy+}", "pinned"),
    Route("ANY /simple/0xAB/exact", "exact-any"),
    Route("GET /simple/0xAB/exact", "exact"),
    Route("GET /simple/{name}/list", "one"),
]


@pytest.mark.parametrize(
    ("method", "path", "function", "parameters"),
    [
        ("GET", "/", "home", {}),
        ("POST", "/", "rest", {}),
        ("GET", "/simple/0xCD/demo/", "simple", {"proxy": "0xCD/demo/"}),
        ("GET", "/simple/0xAB/demo/", "pinned", {"proxy": "demo/"}),
        ("GET", "/simple/0xAB/exact", "exact", {}),
        ("GET", "/simple/0xAB/exact/", "exact", {}),
        ("PUT", "/simple/0xAB/exact", "exact-any", {}),
        ("GET", "/simple/x/list", "one", {"name": "x"}),
        ("GET", "/simple/", "rest", {}),
        ("GET", "/simple", "rest", {}),
        ("HEAD", "/simple/0xCD/demo/", "rest", {}),
        ("GET", "/simple.json", "rest", {}),
    ],
)
@pytest.mark.parametrize("order", [1, -1])
def test_the_most_specific_route_is_taken(
    method: str, path: str, function: str, parameters: dict[str, str], order: int
) -> None:
    match = Router(ROUTES[::order]).match(method, path)
    assert match is not None
    assert (match.route.function, match.parameters) == (function, parameters)


def test_without_a_default_route_there_may_be_none() -> None:
    assert Router(ROUTES[1:]).match("GET", "/nothing") is None


@pytest.mark.parametrize("key", ["GET /simple/", "GET", "/simple", "GET simple"])
def test_what_is_no_route_key(key: str) -> None:
    with pytest.raises(ValueError, match="is no route key"):
        Router([Route(key, "x")])


def template() -> dict[str, Any]:
    """Return a template as osls compiles it, shortened."""
    return {
        "Resources": {
            "SimpleLambdaFunction": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "FunctionName": "dipmp-dev-simple",
                    "Handler": "functions/simple.handler",
                    "MemorySize": 1024,
                    "Timeout": 15,
                    "Code": {"S3Bucket": {"Ref": "ServerlessDeploymentBucket"}},
                    "ReservedConcurrentExecutions": 5,
                    "SnapStart": {"ApplyOn": "PublishedVersions"},
                    "Environment": {
                        "Variables": {
                            "DIPMP_TABLE": {"Ref": "Table"},
                            "HOST_URL": {"Fn::Sub": "https://${Distribution.DomainName}/${!x}"},
                            "PAGES": {"Fn::Join": ["", ["https://", {"Fn::GetAtt": ["Bucket", "DomainName"]}]]},
                            "DIPMP_DENYLIST": {"Ref": "AWS::NoValue"},
                            "DIPMP_CHAIN_ID": 31337,
                        }
                    },
                },
            },
            "SnapAlias": {
                "Type": "AWS::Lambda::Alias",
                "Properties": {"FunctionName": {"Ref": "SimpleLambdaFunction"}, "Name": "snapstart"},
            },
            "FilesLambdaFunction": {
                "Type": "AWS::Lambda::Function",
                "Properties": {"FunctionName": "dipmp-dev-files", "Handler": "functions/files.handler"},
            },
            "IntegrationSimple": {
                "Type": "AWS::ApiGatewayV2::Integration",
                "Properties": {"IntegrationUri": {"Ref": "SnapAlias"}},
            },
            "IntegrationFiles": {
                "Type": "AWS::ApiGatewayV2::Integration",
                "Properties": {"IntegrationUri": {"Fn::GetAtt": ["FilesLambdaFunction", "Arn"]}},
            },
            "RouteDefault": {
                "Type": "AWS::ApiGatewayV2::Route",
                "Properties": {
                    "RouteKey": "$default",
                    "Target": {"Fn::Join": ["/", ["integrations", {"Ref": "IntegrationSimple"}]]},
                },
            },
            "RouteFiles": {
                "Type": "AWS::ApiGatewayV2::Route",
                "Properties": {
                    "RouteKey": "GET /files/{proxy+}",
                    "Target": {"Fn::Join": ["/", ["integrations", {"Ref": "IntegrationFiles"}]]},
                },
            },
        }
    }


def test_a_template_holds_functions_and_routes() -> None:
    known = {"Table": "logs", "Distribution.DomainName": "d.example", "Bucket.DomainName": "b.example"}
    functions, routes = from_template(template(), known)
    simple = Function(
        name="dipmp-dev-simple",
        handler="functions/simple.handler",
        environment={
            "DIPMP_TABLE": "logs",
            "HOST_URL": "https://d.example/${!x}",
            "PAGES": "https://b.example",
            "DIPMP_CHAIN_ID": "31337",
        },
        timeout=15,
        concurrency=5,
        snap_start=True,
    )
    assert functions == (
        simple,
        Function(name="dipmp-dev-files", handler="functions/files.handler", timeout=3, memory=128),
    )
    assert routes == (Route("$default", "dipmp-dev-simple"), Route("GET /files/{proxy+}", "dipmp-dev-files"))


def test_what_only_a_deployment_knows_has_to_be_given() -> None:
    with pytest.raises(KeyError, match=r"Distribution\.DomainName"):
        from_template(template(), {"Table": "logs"})


def test_pseudo_parameters_have_defaults() -> None:
    value = {"Fn::Sub": ["${AWS::Region}/${x}", {"x": {"Ref": "AWS::Partition"}}]}
    assert resolve(value, {}) == "eu-central-1/aws"
    assert resolve(value, {"AWS::Region": "us-east-1"}) == "us-east-1/aws"


KNOWN = {"Table": "logs", "Bucket": "objects", "Distribution.DomainName": "d.example"}


@pytest.mark.node
@pytest.mark.parametrize(("stage", "snap_start", "concurrency"), [("dev", False, None), ("everything", True, 20)])
def test_the_stages_of_this_repository(stage: str, *, snap_start: bool, concurrency: int | None) -> None:
    compiled = template_of(stage)
    parameters = {name: default["Default"] for name, default in compiled.get("Parameters", {}).items()}
    functions, routes = from_template(compiled, KNOWN | parameters)
    named = {function.name.rpartition("-")[2]: function for function in functions}
    assert set(named) == {"simple", "files", "simpleOpen", "filesOpen", "sync"}
    assert (named["simple"].snap_start, named["simple"].concurrency) == (snap_start, concurrency)
    for function in functions:
        settings = Settings.from_env(function.environment)
        assert (settings.table, settings.bucket) == ("logs", "objects")
        assert settings.chains[""] == (ParameterName(f"/dipmp/{stage}/eth-gateway"),)
    match = Router(routes).match("GET", f"/simple/{PIN}/demo/")
    assert match is not None
    assert match.route.function == named["simple" if stage == "everything" else "simpleOpen"].name
