"""`sls` deploys, changes and removes a stage with every option on, and the functions run as deployed.

One deployment for the module: the fixtures build on each other, and the tests stand in that order.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import requests

from dipmp_lib.model.names import checksum_address
from tests.infra.resource_checks import CHECKS
from tests.infra.stages import OPTIONS
from tests.support.aws.artifact import unpacked
from tests.support.aws.deployment import Deployment
from tests.support.aws.loopback import Aws, running_aws
from tests.support.aws.templates import require_sls
from tests.support.fakes.rpc_server import json_rpc
from tests.support.faulty.fault_proxy import FaultProxy
from tests.support.lambda_runtime import Cloud, LocalLambda, stored_parameters
from tests.support.programs.required import require_lambda_runtime
from tests.support.systems.rpc_endpoints import PROJECTS, make_sim
from tests.support.waiting import HANGS

pytestmark = [pytest.mark.node, pytest.mark.e2e]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    require_sls()
    with running_aws(tmp_path_factory.mktemp("aws")) as running:
        yield running


@pytest.fixture(scope="module")
def params(aws: Aws) -> Iterator[Mapping[str, str]]:
    """Every option, over a chain of this process whose endpoint is a secret that an operator has stored."""
    sim = make_sim()
    zone = aws.client("route53").create_hosted_zone(Name="example.org", CallerReference="operator")["HostedZone"]["Id"]
    with FaultProxy(json_rpc(sim)) as node, FaultProxy(lambda _: (404, b"")) as gateway:
        aws.client("ssm").put_parameter(Name="/dipmp/dev/eth-gateway", Value=node.url, Type="SecureString")
        yield {
            **OPTIONS,
            "pinned": checksum_address(next(iter(sim.registries))),
            "chainId": str(sim.chain_id),
            "ipfsGateway": gateway.url,
            "hostedZone": zone.removeprefix("/hostedzone/"),
        }


@pytest.fixture(scope="module")
def deployed(aws: Aws, params: Mapping[str, str]) -> Deployment:
    made = Deployment(aws)
    done = made.sls("deploy", params)
    assert done.returncode == 0, done.stdout + done.stderr
    return made


def test_every_type_of_resource_is_checked(deployed: Deployment) -> None:
    assert {seen.type for seen in deployed.resources().values()} == CHECKS.keys()


@pytest.mark.parametrize("resource", sorted(CHECKS))
def test_every_resource_is_seen_through_its_own_service(deployed: Deployment, resource: str) -> None:
    found = [seen for seen in deployed.resources().values() if seen.type == resource]
    assert found
    for seen in found:
        CHECKS[resource](deployed, seen)


def test_info_names_the_urls_and_what_holds_data(deployed: Deployment, params: Mapping[str, str]) -> None:
    done = deployed.sls("info", params, "--verbose")
    assert done.returncode == 0, done.stderr
    outputs = deployed.outputs()
    assert outputs["Url"] == f"https://{params['domain']}"
    for name in ("Url", "HttpApiUrl", "TableName", "BucketName", "DistributionId", "AlarmTopicArn", "DeadLettersUrl"):
        assert f"{name}: {outputs[name]}" in done.stdout


def test_functions_answer_with_the_deployed_configuration(
    deployed: Deployment, params: Mapping[str, str], tmp_path: Path
) -> None:
    runtime = require_lambda_runtime()
    cloud = Cloud(aws=deployed.aws.env, parameters=stored_parameters(deployed.aws.options))
    with LocalLambda(
        unpacked(python=runtime.version),
        deployed.functions(),
        deployed.routes(),
        runtime,
        cloud=cloud,
        log=tmp_path / "log",
    ) as server:
        health = requests.get(f"{server.url}/healthz", timeout=HANGS)
        assert health.status_code == 200, (health.text, server.failures, (tmp_path / "log").read_text()[-3000:])
        page = requests.get(f"{server.url}/simple/{params['pinned']}/{PROJECTS[0]}/", timeout=HANGS)
        assert page.status_code == 200, (page.text, server.failures)
        assert f"{PROJECTS[0]}-1.0.tar.gz" in page.text
        server.invoke(f"{deployed.stack}-sync", {})
    kept = deployed.aws.client("dynamodb").scan(TableName=deployed.outputs()["TableName"])["Items"]
    assert kept, "sync keeps logs in the deployed table"


def test_a_second_deployment_has_nothing_to_change(deployed: Deployment, params: Mapping[str, str]) -> None:
    before = deployed.resources()
    done = deployed.sls("deploy", params)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No changes to deploy" in done.stdout + done.stderr
    assert deployed.resources() == before


@pytest.fixture(scope="module")
def changed(deployed: Deployment, params: Mapping[str, str]) -> Deployment:
    mark = {"pk": {"S": "kept"}, "sk": {"S": "kept"}}
    deployed.aws.client("dynamodb").put_item(TableName=deployed.outputs()["TableName"], Item=mark)
    done = deployed.sls("deploy", {**params, "finality": "safe", "throttleRate": "7"})
    assert done.returncode == 0, done.stdout + done.stderr
    return deployed


def test_a_changed_parameter_reaches_functions_and_api_and_replaces_nothing_that_holds_data(
    changed: Deployment,
) -> None:
    assert {function.environment["DIPMP_FINALITY"] for function in changed.functions()} == {"safe"}
    outputs = changed.outputs()
    stage = changed.aws.client("apigatewayv2").get_stage(ApiId=outputs["HttpApiId"], StageName="$default")
    assert stage["DefaultRouteSettings"]["ThrottlingRateLimit"] == 7
    kept = changed.aws.client("dynamodb").scan(TableName=outputs["TableName"])["Items"]
    assert {"S": "kept"} in [item["pk"] for item in kept], "the table is the one of before"


def test_removal_leaves_what_holds_data_and_nothing_else(changed: Deployment, params: Mapping[str, str]) -> None:
    outputs, client = changed.outputs(), changed.aws.client
    done = changed.sls("remove", params)
    assert done.returncode == 0, done.stdout + done.stderr
    assert client("dynamodb").list_tables()["TableNames"] == [outputs["TableName"]]
    assert [bucket["Name"] for bucket in client("s3").list_buckets()["Buckets"]] == [outputs["BucketName"]]
    assert client("cloudformation").describe_stacks()["Stacks"] == []
    assert client("lambda").list_functions()["Functions"] == []
    assert client("apigatewayv2").get_apis()["Items"] == []
    assert client("cloudfront").list_distributions()["DistributionList"]["Quantity"] == 0
    assert client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert client("iam").list_roles()["Roles"] == []
    assert client("sqs").list_queues().get("QueueUrls", []) == []
    assert client("sns").list_topics()["Topics"] == []
