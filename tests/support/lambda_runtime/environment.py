"""One execution environment: a process of the runtime client, its Runtime API and its extension."""

import subprocess
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .config import Function
from .extension import Extension, Parameters
from .runtime import Runtime
from .runtime_api import Invocation, RuntimeApi

INIT_SECONDS = 120.0
"""Time to load a function. AWS gives 10, and then starts again on the request's time."""
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"


class InvocationError(Exception):
    """A function failed: it raised, ended, returned too much or took too long; the text says which."""


@dataclass(frozen=True)
class Account:
    """Settings that all environments share. `aws` are region, keys and, off AWS, AWS_ENDPOINT_URL."""

    runtime: Runtime
    task_root: Path
    parameters: Parameters
    log: Path
    aws: Mapping[str, str]


class Environment:
    """A running process; it serves one invocation at a time, and takes another while it is `alive`."""

    def __init__(self, function: Function, account: Account) -> None:
        self._function = function
        self._account = account
        self._api = RuntimeApi()
        token = account.aws.get("AWS_SESSION_TOKEN") or uuid.uuid4().hex
        self._extension = Extension(account.parameters, token)
        self._log: IO[bytes] = account.log.open("ab")
        self._process = self._start(token)

    def _start(self, token: str) -> "subprocess.Popen[bytes]":
        # -B: the artifact's folder is read-only on Lambda, for root too.
        command = [str(self._account.runtime.python), "-B", "-s", "-m", "awslambdaric", self._function.handler]
        return subprocess.Popen(
            command,
            env=variables(self._function, self._account, self._api.address, self._extension.port, token),
            cwd=self._account.task_root,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    @property
    def alive(self) -> bool:
        """Whether it can serve another invocation."""
        return self._process.poll() is None and not self._api.refused

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def ready(self) -> None:
        """Wait until the function is loaded. Raises InvocationError."""
        self._wait(self._api.initialised.wait, time.monotonic() + INIT_SECONDS, "was not loaded")
        if self._api.init_error is not None:
            raise InvocationError(self._api.init_error.decode(errors="replace"))

    def invoke(self, event: bytes) -> bytes:
        """Return the function's response. Raises InvocationError; one that takes too long is killed."""
        self.ready()
        self._extension.ready = True
        timeout = self._function.timeout
        arn = f"arn:aws:lambda:{self._account.aws['AWS_REGION']}:000000000000:function:{self._function.name}"
        invocation = Invocation(event, time.time() + timeout, arn)
        self._api.send(invocation)
        self._wait(invocation.done.wait, time.monotonic() + timeout, f"timed out after {timeout:.2f} seconds")
        if invocation.result is None:
            raise InvocationError((invocation.error or b"").decode(errors="replace"))
        return invocation.result

    def _wait(self, wait: Callable[[float], bool], ends: float, otherwise: str) -> None:
        while not wait(0.05):
            if not self.alive and not wait(0):
                raise InvocationError(f"the process ended with {self._process.returncode}")
            if time.monotonic() >= ends:
                self.close()
                raise InvocationError(f"{self._function.name} {otherwise}")

    def close(self) -> None:
        """Kill the process; stop its Runtime API and its extension."""
        self._process.kill()
        self._process.wait()
        self._api.close()
        self._extension.close()
        self._log.close()


def variables(function: Function, account: Account, api: str, port: int, token: str) -> dict[str, str]:
    """Return the function's variables and Lambda's ("Defined runtime environment variables" in Lambda's guide)."""
    region = account.aws["AWS_REGION"]
    return {
        **function.environment,
        "AWS_DEFAULT_REGION": region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{account.runtime.name}",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start" if function.snap_start else "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": f"local/{uuid.uuid4().hex}",
        "AWS_LAMBDA_RUNTIME_API": api,
        "LAMBDA_RUNTIME_DIR": str(account.runtime.client),
        "LAMBDA_TASK_ROOT": str(account.task_root),
        "LANG": "en_US.UTF-8",
        "PARAMETERS_SECRETS_EXTENSION_HTTP_PORT": str(port),
        "PATH": SYSTEM_PATH,
        "PYTHONPATH": str(account.runtime.client),
        "TZ": ":UTC",
        "_HANDLER": function.handler,
        **account.aws,
        "AWS_SESSION_TOKEN": token,
    }
