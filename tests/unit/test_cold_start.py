"""The modules that a function loads at a cold start, as a list that a change must extend."""

import json
import os
import subprocess
import sys

import pytest

from tests.support.aws.function_settings import SETTINGS
from tests.support.repository import ROOT

pytestmark = pytest.mark.slow

CODE = "import sys; before = set(sys.modules); {}; import json; print(json.dumps(sorted(set(sys.modules) - before)))"

OURS = {"Crypto", "dipmp_lib", "functions"}
NATIVE = {"_cffi_backend", "cffi", "pycparser"}  # pycryptodome takes cffi where it is installed
STANDARD = {"_ctypes", "_queue", "concurrent", "ctypes", "gc", "gzip", "platform", "queue"}
"""Of the standard library, beyond what FastAPI and Mangum bring."""
READING = {
    *("aws", "caching", "errors", "ethereum", "http", "keccak", "log", "model", "registry", "server", "simple_api"),
    *("telemetry", "environment", "ipfs.base58", "ipfs.cid", "ipfs.gateways", "ipfs.varint"),
}
"""Wings, and the parts of `ipfs`, most of which is for publishing."""
LATER = {
    *("dipmp_lib.server.policy.denylist", "dipmp_lib.server.policy.denylist_files", "dipmp_lib.server.policy.rules"),
    *("dipmp_lib.ipfs.gateways.files", "dipmp_lib.server.people.templates", "dipmp_lib.server.people.registry"),
    *("dipmp_lib.server.uvicorn", "dipmp_lib.server.sync"),
}
"""Modules for a denylist, a page for people, a streamed file, `sync` or `dipmp serve` only."""


def loaded(statement: str) -> set[str]:
    """Return the modules that a fresh interpreter loads for it."""
    command = [sys.executable, "-c", CODE.format(statement)]
    env = {"PATH": os.environ["PATH"]} | SETTINGS
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


def parts(modules: set[str]) -> set[str]:
    """Return which wings of the library are loaded, and which parts of those that are named by part."""
    divided = {name.partition(".")[0] for name in READING if "." in name}
    names = [name.split(".")[1:] for name in modules if name.startswith("dipmp_lib.")]
    return {".".join(name[:2] if name[0] in divided else name[:1]) for name in names} - divided


def tops(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


@pytest.mark.parametrize("function", ["simple", "files"])
def test_a_reading_function_adds_our_own_code_to_fastapi_and_mangum(function: str) -> None:
    added = loaded(f"import functions.{function}") - loaded("import fastapi, mangum")
    assert tops(added) - NATIVE <= OURS | STANDARD
    assert parts(added) <= READING
    assert not added & LATER


def test_sync_needs_no_web_framework() -> None:
    added = loaded("import functions.sync")
    third = tops(added) - set(sys.stdlib_module_names) - NATIVE
    assert third <= OURS
    assert parts(added) <= READING
    assert not added & (LATER - {"dipmp_lib.server.sync"})
    assert not any(name.startswith(("dipmp_lib.server.routes", "dipmp_lib.server.answers")) for name in added)


def test_the_collector_is_back_on_when_a_function_is_ready() -> None:
    code = "import gc, functions.simple; print(gc.isenabled(), gc.get_freeze_count() > 10_000)"
    env = {"PATH": os.environ["PATH"]} | SETTINGS
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]
