"""`make lambda` serves the artifact with a registry of its own."""

import os
import re
import sys
from pathlib import Path

import requests

from tests.support.programs.dipmp import program
from tests.support.programs.required import require_lambda_runtime
from tests.support.waiting import HANGS

OURS = re.compile("DIPMP_|(ETH|IPFS)_GATEWAY$|AWS_|HOST_URL$")


def test_the_artifact_serves_a_registry_of_its_own(tmp_path: Path) -> None:
    require_lambda_runtime()
    env = {name: value for name, value in os.environ.items() if not OURS.match(name)}
    command = (sys.executable, "-m", "tests.support.lambda_runtime", "--port", "0")
    with program(command, env, tmp_path / "log") as line:
        url = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert url, line
        assert requests.get(f"{url[0]}/healthz", timeout=HANGS).json() == {"status": "ok", "recent": {}}
        answer = requests.get(f"{url[0]}/simple/0x{'12' * 20}/", timeout=HANGS)
        assert (answer.status_code, answer.json()["code"]) == (404, "registry-not-found")
        assert requests.get(f"{url[0]}/files/0x12/a/a-1.0.tar.gz", timeout=HANGS).status_code == 404
