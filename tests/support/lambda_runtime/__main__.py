"""`make lambda`: the artifact under Lambda's runtime client on this machine, until Ctrl-C.

With ETH_GATEWAY or IPFS_GATEWAY set, functions get these and all DIPMP_* variables of this environment; otherwise a
`dipmp dev` is started for them. ETH_GATEWAY may be ssm:/NAME: its value is that of the variable PARAMETER.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from platform import machine
from shlex import quote

from infra.bundle import build

from .config import DEFAULT, Function, Route
from .local_lambda import Cloud, LocalLambda
from .runtime import Runtime, find_runtime

ARCHITECTURES = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
ENDPOINTS = ("ETH_GATEWAY", "IPFS_GATEWAY")
HANDLERS = ("simple", "files")


def main() -> int:
    """Serve. Returns an exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.lambda_runtime", description=__doc__)
    parser.add_argument("--port", type=int, default=3000, help="0 takes a free one [3000]")
    port: int = parser.parse_args().port
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    runtime = find_runtime()
    if runtime is None:
        _say("there is no Lambda runtime client: make lambda-runtime")
        return 1
    with ExitStack() as stack:
        artifact = stack.enter_context(unpacked(runtime))
        backend = stack.enter_context(_backend(os.environ))
        local = LocalLambda(
            artifact,
            functions(backend.settings),
            routes(),
            runtime,
            port=port,
            cloud=_cloud(),
            log=Path("build", "lambda.log"),
        )
        _welcome(stack.enter_context(local), backend)
        stop.wait()
    return 0


def functions(settings: Mapping[str, str]) -> list[Function]:
    """Return the functions behind the HTTP API."""
    return [
        Function(name=name, handler=f"functions/{name}.handler", environment=settings, timeout=14) for name in HANDLERS
    ]


def routes() -> list[Route]:
    """Return the routes of a stage that pins nothing."""
    return [Route(DEFAULT, "simple"), Route("ANY /files/{proxy+}", "files")]


@contextmanager
def unpacked(runtime: Runtime) -> Iterator[Path]:
    """Build the artifact for this machine; yield a temporary folder with its content."""
    zipped = build(ARCHITECTURES[machine()], runtime.version, reuse=True)
    with tempfile.TemporaryDirectory(prefix="task-") as folder, zipfile.ZipFile(zipped) as archive:
        archive.extractall(folder)
        yield Path(folder)


@dataclass(frozen=True)
class Backend:
    """The functions' environment, the registry to show, and the variables of a publisher, none for a foreign chain."""

    settings: Mapping[str, str]
    registry: str
    publisher: Mapping[str, str]


@contextmanager
def _backend(env: Mapping[str, str]) -> Iterator[Backend]:
    """Yield the chain and gateways that the environment names, or those of a `dipmp dev` that ends with the block."""
    if any(env.get(name) for name in ENDPOINTS):
        own = {name: value for name, value in env.items() if name.startswith("DIPMP_") or name == "HOST_URL"}
        registry = env.get("DIPMP_REGISTRY") or env.get("DIPMP_PINNED", "").partition(",")[0] or "0xREGISTRY"
        yield Backend(own | {name: env.get(name, "") for name in ENDPOINTS}, registry, {})
        return
    command = [str(Path(sys.executable).with_name("dipmp")), "dev", "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as dev:
        try:
            ready = json.loads(dev.stdout.readline() if dev.stdout else "")
            settings: dict[str, str] = {"ETH_GATEWAY": ready["rpc_url"], "IPFS_GATEWAY": ready["gateway_url"]}
            publisher = {f"DIPMP_{name.upper()}": ready[name] for name in ("registry", "pinner", "signer")}
            yield Backend(settings | {"DIPMP_FRESHNESS": "0"}, ready["registry"], settings | publisher)
        finally:
            dev.terminate()


def _cloud() -> Cloud:
    aws = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    return Cloud(aws, lambda _: os.environ.get("PARAMETER"))


def _welcome(local: LocalLambda, backend: Backend) -> None:
    index_url = f"{local.url}/simple/{backend.registry}/"
    _say(f"The artifact serves at {local.url} (log: {local.log}). Ctrl-C stops it.\n")
    if backend.publisher:
        _say("# Publish, in another terminal")
        for name, value in {**backend.publisher, "DIPMP_INDEX_URL": index_url}.items():
            _say(f"export {name}={quote(value)}")
        _say("dipmp-publish dist/*\n")
    _say(f"# Install\npip install --index-url {index_url} NAME")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
