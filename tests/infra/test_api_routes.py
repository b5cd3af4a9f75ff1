"""Every route of the compiled template leads to the function that answers it."""

import importlib
import json
from typing import Any

import pytest

from dipmp_lib.server.settings import Settings
from tests.infra.stages import PIN
from tests.support.aws.api_gateway import CONTEXT, Handler, event_loop, to_event
from tests.support.aws.templates import Template, package

pytestmark = pytest.mark.node

FIXED = ("/", "/healthz", "/openapi.json")
HOST = [("host", "api.example")]


def routes(template: Template) -> dict[str, str]:
    """Return the function's logical id for every route key."""
    resources: dict[str, Any] = template["Resources"]
    found = {}
    for each in resources.values():
        if each["Type"] != "AWS::ApiGatewayV2::Route":
            continue
        integration = each["Properties"]["Target"]["Fn::Join"][1][1]["Ref"]
        uri = resources[integration]["Properties"]["IntegrationUri"]
        target = uri.get("Fn::GetAtt") or uri["Fn::Join"][1][0]["Fn::GetAtt"]
        found[each["Properties"]["RouteKey"]] = target[0].removesuffix("LambdaFunction")
    return found


def test_pinned_registries_have_functions_of_their_own() -> None:
    expected = {"$default": "SimpleOpen", "ANY /files/{proxy+}": "FilesOpen", f"ANY /files/{PIN}/{{proxy+}}": "Files"}
    expected |= {f"ANY {path}": "Simple" for path in FIXED}
    expected |= {f"ANY /{page}/{PIN}": "Simple" for page in ("simple", "registry")}
    expected |= {f"ANY /{page}/{PIN}/{{proxy+}}": "Simple" for page in ("simple", "registry", "project")}
    assert routes(package("dev", f"pinned={PIN}")) == expected


def test_without_pinned_registries_everything_is_open() -> None:
    template = package("dev")
    assert routes(template) == {
        "$default": "SimpleOpen",
        "ANY /files/{proxy+}": "FilesOpen",
        **{f"ANY {path}": "Simple" for path in FIXED},
    }


def test_more_registries_than_an_api_has_routes_are_refused() -> None:
    many = ",".join(f"0x{number:040x}" for number in range(50))
    with pytest.raises(RuntimeError, match="50 pinned registries are too many"):
        package("dev", f"pinned={many}")


@pytest.mark.parametrize("wrong", ["0x12", "base:" + PIN, PIN + "0", "demo"])
def test_what_is_no_address_is_not_pinned(wrong: str) -> None:
    with pytest.raises(RuntimeError, match="40 hexadecimal digits"):
        package("dev", f"pinned={PIN},{wrong}")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("denylists/missing.deny", "there is no file denylists/missing.deny"),
        ("denylists/example.deny,/etc/hosts", "is not denylists/NAME.deny"),
        ("denylists/../x.deny", "is not denylists/NAME.deny"),
    ],
)
def test_a_denylist_that_would_not_be_in_the_artifact_is_refused(wrong: str, said: str) -> None:
    with pytest.raises(RuntimeError, match=said):
        package("dev", f"denylist={wrong}")


def handler(function: str) -> Handler:
    module = "files" if function.startswith("Files") else "simple"
    found: Handler = importlib.import_module(f"functions.{module}").handler
    return found


def test_every_route_is_answered_by_its_function(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ETH_GATEWAY", "http://127.0.0.1:1")
    monkeypatch.setenv("IPFS_GATEWAY", "http://127.0.0.1:1/ipfs")
    with event_loop():
        for key, function in routes(package("dev", f"pinned={PIN}")).items():
            # An address that is none, so that the answer is known without a chain; any name would do for the project.
            path = "/simple/0x12/" if key == "$default" else key.partition(" ")[2].replace(PIN, "0x12")
            path = path.replace("{proxy+}", "0x12/demo/demo-1.0.tar.gz" if path == "/files/{proxy+}" else rest(path))
            answer = handler(function)(to_event("GET", path, HOST), CONTEXT)
            assert answer["statusCode"] == (200 if path in FIXED else 404), key
            assert path in FIXED or json.loads(answer["body"])["code"] == "invalid-address", key
            assert handler(function)(to_event("OPTIONS", path, HOST), CONTEXT)["statusCode"] == 204, key


def rest(path: str) -> str:
    return {"files": "demo/demo-1.0.tar.gz", "registry": ""}.get(path.split("/")[1], "demo/")


def test_the_functions_load_with_their_environment() -> None:
    resources = package("dev", f"pinned={PIN}")["Resources"]
    deployed = {"Ref": "dipmp-dev-thing", "Fn::Sub": "https://d1.cloudfront.example"}
    for each in resources.values():
        if each["Type"] == "AWS::Lambda::Function":
            given = each["Properties"]["Environment"]["Variables"]
            env = {name: resolved(value, deployed) for name, value in given.items()}
            settings = Settings.from_env(env | {"ETH_GATEWAY": "https://rpc.example"})
            assert settings.log == "json"
            assert [str(each) for each in settings.pinned] == [PIN]
            assert (settings.chain_id, settings.table, settings.bucket) == (84532, "dipmp-dev-thing", "dipmp-dev-thing")
            assert settings.pages_url == settings.host_url == "https://d1.cloudfront.example"


def resolved(value: Any, deployed: dict[str, str]) -> str:  # noqa: ANN401 - what JSON holds
    if isinstance(value, str):
        return value
    name, argument = next(iter(value.items()))
    return resolved(argument[2], deployed) if name == "Fn::If" else deployed[name]
