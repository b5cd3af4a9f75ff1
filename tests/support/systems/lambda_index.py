"""The Lambda artifact as an index, with anvil, Kubo and AWS by moto behind proxies that can be cut."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3

from tests.support.aws.artifact import unpacked
from tests.support.fakes.aws import BUCKET, TABLE, aws_server
from tests.support.faulty.fault_proxy import FaultProxy
from tests.support.lambda_runtime import Cloud, Function, LocalLambda, Route, stored_parameters
from tests.support.programs.anvil import CHAIN_ID, run_anvil
from tests.support.programs.dipmp import Publisher
from tests.support.programs.required import require_lambda_runtime
from tests.support.systems.end_to_end import block_storage, create_registry

PARAMETER = "/dipmp/test/eth-gateway"
SECRET = "?key=known-to-nobody"
_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL")


@dataclass(frozen=True)
class LambdaWorld:
    """`rpc` and `gateway` are the functions' proxies to chain and blocks; publishers have direct access."""

    local: LocalLambda
    publish: Publisher
    rpc: FaultProxy
    gateway: FaultProxy

    @property
    def index_url(self) -> str:
        """The index's URL, as pip takes it."""
        return f"{self.local.url}/simple/{self.publish.registry}/"

    def sync(self) -> dict[str, Any]:
        """Run the function of the schedule; return its summary."""
        summary: dict[str, Any] = self.local.invoke("sync", {"source": "aws.events"})
        return summary


@contextmanager
def lambda_world(folder: Path) -> Iterator[LambdaWorld]:
    """Run a deployment that pins one empty registry."""
    runtime = require_lambda_runtime()
    artifact = unpacked(python=runtime.version)
    with ExitStack() as stack:
        chain = stack.enter_context(run_anvil())
        pinner_url, gateway_url = stack.enter_context(block_storage(folder))
        publisher = Publisher(
            "",
            chain.url,
            gateway_url,
            f"kubo:{pinner_url}",
            "env:DIPMP_TEST_KEY",
            folder / "publisher",
            secrets={"DIPMP_TEST_KEY": chain.keys[0]},
        )
        publisher = replace(publisher, registry=create_registry(publisher))
        rpc, gateway = stack.enter_context(FaultProxy(chain.url)), stack.enter_context(FaultProxy(gateway_url))
        aws = stack.enter_context(aws_server())
        boto3.client("ssm").put_parameter(Name=PARAMETER, Value=f"{rpc.url}/{SECRET}", Type="SecureString")
        functions, routes = deployment(publisher.registry, gateway.url)
        cloud = Cloud({name: aws[name] for name in _KEYS}, stored_parameters({}))
        local = LocalLambda(artifact, functions, routes, runtime, cloud=cloud, log=folder / "lambda.log")
        yield LambdaWorld(stack.enter_context(local), publisher, rpc, gateway)


def deployment(registry: str, gateway_url: str) -> tuple[list[Function], list[Route]]:
    """Return functions and routes as a stage with one pinned registry has them."""
    environment: Mapping[str, str] = {
        "ETH_GATEWAY": f"ssm:{PARAMETER}",
        "IPFS_GATEWAY": gateway_url,
        "DIPMP_CHAIN_ID": str(CHAIN_ID),
        "DIPMP_PINNED": registry,
        "DIPMP_TABLE": TABLE,
        "DIPMP_BUCKET": BUCKET,
        "DIPMP_FRESHNESS": "0",
        "DIPMP_LOG": "json",
    }
    handlers = {"simple": "simple", "simpleOpen": "simple", "files": "files", "filesOpen": "files"}
    functions = [
        Function(name=name, handler=f"functions/{module}.handler", environment=environment)
        for name, module in handlers.items()
    ]
    functions.append(Function(name="sync", handler="functions/sync.handler", environment=environment, timeout=120))
    routes = [
        Route("$default", "simpleOpen"),
        Route("ANY /files/{proxy+}", "filesOpen"),
        Route("GET /healthz", "simple"),
        Route(f"GET /simple/{registry}/{{proxy+}}", "simple"),
        Route(f"GET /files/{registry}/{{proxy+}}", "files"),
    ]
    return functions, routes
