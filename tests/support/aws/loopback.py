"""AWS on loopback that stacks can be deployed to (moto_cloudformation beside this), as a process."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from tests.support.fakes.aws import ENV, REGION
from tests.support.programs.clients import isolated_env
from tests.support.programs.dipmp import program


@dataclass(frozen=True)
class Aws:
    """The server's URL, and the settings of its clients."""

    url: str

    @property
    def env(self) -> Mapping[str, str]:
        """Environment variables for SDKs, osls and functions."""
        return ENV | {"AWS_ENDPOINT_URL": self.url, "AWS_REGION": REGION}

    @property
    def options(self) -> Mapping[str, str]:
        """Keyword arguments for boto3's clients."""
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
        return keys | {"endpoint_url": self.url, "region_name": REGION}

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 has no types
        """Return a client of one service."""
        return boto3.client(service, **self.options)


@contextmanager
def running_aws(folder: Path) -> Iterator[Aws]:
    """Serve an empty account on a free port; the log is in `folder`."""
    command = [sys.executable, "-m", "tests.support.aws.moto_cloudformation.serve", "0"]
    with program(command, isolated_env(folder / "home"), folder / "aws.log") as line:
        yield Aws(json.loads(line)["url"])
