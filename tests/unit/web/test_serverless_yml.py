"""serverless.yml says what is true: handlers that exist, routes that they answer, settings that they read."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from mangum import Mangum

from dipmp_lib.web.settings import Settings
from tests.support.apigw import CONTEXT, to_event

ROOT = Path(__file__).parents[3]
CONFIG: dict[str, Any] = yaml.safe_load((ROOT / "serverless.yml").read_text())
FUNCTIONS: dict[str, Any] = CONFIG["functions"]
ENV = {"ETH_GATEWAY": "http://127.0.0.1:1", "IPFS_GATEWAY": "http://127.0.0.1:1/ipfs"}


@pytest.fixture
def handlers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Mangum]:
    for name, value in ENV.items():
        monkeypatch.setenv(name, value)
    found = {}
    for name, function in FUNCTIONS.items():
        path, _, attribute = function["handler"].rpartition(".")
        found[name] = getattr(importlib.import_module(path.replace("/", ".")), attribute)
    return found


def test_handlers_are_mangum_instances(handlers: dict[str, Mangum]) -> None:
    assert set(handlers) == {"simple", "files"}
    assert all(isinstance(handler, Mangum) for handler in handlers.values())


ROUTES = [
    (name, event["httpApi"]["method"], event["httpApi"]["path"])
    for name, function in FUNCTIONS.items()
    for event in function["events"]
]


@pytest.mark.parametrize(("name", "method", "path"), ROUTES)
def test_every_route_is_answered_by_its_function(
    handlers: dict[str, Mangum], name: str, method: str, path: str
) -> None:
    rest = {"files": "not-an-address/demo/demo-1.0.tar.gz", "project": "not-an-address/demo/"}
    target = path.replace("{proxy+}", rest.get(path.split("/")[1], "not-an-address/"))
    answer = handlers[name](to_event(method, target, [("host", "api.example")]), CONTEXT)
    expected = 200 if path in ("/", "/healthz", "/openapi.json") else 204 if method == "OPTIONS" else 404
    assert answer["statusCode"] == expected
    if expected == 404 and method == "GET":
        assert json.loads(answer["body"])["code"] == "invalid-address"


def test_routes_do_not_end_in_a_slash() -> None:
    assert not [path for _, _, path in ROUTES if path.endswith("/") and path != "/"]


def test_the_environment_is_what_settings_read() -> None:
    given = {
        name: value.replace("${param:finality}", "latest") for name, value in CONFIG["provider"]["environment"].items()
    }
    settings = Settings.from_env(given | ENV)
    assert settings.finality == CONFIG["params"]["default"]["finality"]
    assert set(ENV) <= set(given)


def test_limits_fit_each_other() -> None:
    provider = CONFIG["provider"]
    assert provider["architecture"] == "arm64"
    assert 10 < provider["timeout"] < 30


def test_the_package_holds_the_handlers_and_nothing_secret() -> None:
    patterns = CONFIG["package"]["patterns"]
    assert patterns[0] == "!**"
    for function in FUNCTIONS.values():
        path = function["handler"].rpartition(".")[0]
        assert (ROOT / f"{path}.py").is_file()
        assert f"{path.partition('/')[0]}/**/*.py" in patterns
    assert [path for path in (ROOT / "dipmp_lib").rglob("*.html") if path.parent.name != "templates"] == []
    assert "dipmp_lib/web/templates/*" in patterns


@pytest.mark.parametrize("module", ["functions.simple", "functions.files"])
def test_wrong_settings_end_the_import_with_one_sentence(module: str) -> None:
    env = {"PATH": os.environ["PATH"], "ETH_GATEWAY": "https://key:secret@", "DIPMP_FINALITY": "soon"}
    done = subprocess.run(
        [sys.executable, "-c", f"import {module}"], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("dipmp_lib.errors.InvalidSettings: ")
    for name in ("ETH_GATEWAY", "IPFS_GATEWAY is not set", "DIPMP_FINALITY is 'soon'"):
        assert name in last
    assert "secret" not in done.stderr
