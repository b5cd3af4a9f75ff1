"""What a function loads when it starts: a list, so that nobody adds to every cold start without saying so here."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENV = {
    "ETH_GATEWAY": "https://one.example,https://two.example",
    "IPFS_GATEWAY": "https://gateway.example/ipfs",
    "HOST_URL": "https://index.example",
    "DIPMP_PAGES_URL": "https://index.example",
    "DIPMP_CHAIN_ID": "8453",
    "DIPMP_PINNED": f"0x{'11' * 20}",
    "DIPMP_TABLE": "table",
    "DIPMP_BUCKET": "bucket",
    "DIPMP_LOG": "json",
    "AWS_LAMBDA_FUNCTION_NAME": "function",
}
CODE = "import sys; before = set(sys.modules); {}; import json; print(json.dumps(sorted(set(sys.modules) - before)))"

OURS = {"Crypto", "dipmp_lib", "functions"}
NATIVE = {"_cffi_backend", "cffi", "pycparser"}  # pycryptodome takes cffi where it is installed
STANDARD = {"_ctypes", "_queue", "concurrent", "ctypes", "gc", "gzip", "platform", "queue"}
"""Of the standard library, beyond what FastAPI and Mangum bring."""
READING = {
    *("aws", "base58", "byteranges", "cache", "chain", "chains", "cid", "client_config", "errors", "evm_abi"),
    *("filenames", "flight", "gateways", "history", "http", "keccak", "log", "lru", "model", "names", "nesting"),
    *(
        "objects",
        "operators",
        "parameters",
        "policy",
        "registry",
        "rpc",
        "simple_api",
        "store",
        "telemetry",
        "versions",
        "web",
    ),
    "weight",
}
LATER = {
    *(
        "dipmp_lib.server.policy.denylist",
        "dipmp_lib.server.policy.source",
        "dipmp_lib.server.policy.rules",
        "dipmp_lib.ipfs.gateways.files",
    ),
    *("dipmp_lib.server.people.templates", "dipmp_lib.server.people.registry", "dipmp_lib.server.uvicorn"),
}
"""What only a server with a denylist, a page for people, a file passed on, or `dipmp serve` needs."""


def loaded(statement: str) -> set[str]:
    """Return the modules that a fresh interpreter loads for it."""
    command = [sys.executable, "-c", CODE.format(statement)]
    env = {"PATH": os.environ["PATH"]} | ENV
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def tops(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize("function", ["simple", "files"])
def test_a_reading_function_adds_our_own_code_to_fastapi_and_mangum(function: str) -> None:
    added = loaded(f"import functions.{function}") - loaded("import fastapi, mangum")
    assert tops(added) - NATIVE <= OURS | STANDARD
    parts = {name.split(".")[1] for name in added if name.startswith("dipmp_lib.")}
    assert parts <= READING
    assert not added & LATER


def test_sync_needs_no_web_framework() -> None:
    added = loaded("import functions.sync")
    third = tops(added) - set(sys.stdlib_module_names) - NATIVE
    assert third <= OURS
    assert {name.split(".")[1] for name in added if name.startswith("dipmp_lib.")} <= READING | {"sync"}
    assert not added & LATER


def test_the_collector_is_back_on_when_a_function_is_ready() -> None:
    code = "import gc, functions.simple; print(gc.isenabled(), gc.get_freeze_count() > 10_000)"
    env = {"PATH": os.environ["PATH"]} | ENV
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]
