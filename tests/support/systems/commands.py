"""Commands in this process over a node, a pinner and an index in memory; a bench for each kind of command."""

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_account import Account

from dipmp_lib.log.entries import RELEASE, FileRecord, Release
from dipmp_lib.log.payload import encode_release
from dipmp_lib.model.names import checksum_address
from tests.support.fakes.node import REGISTRY, FakeNode
from tests.support.fakes.publishing import FakePinner
from tests.support.fakes.source_index import SourceWorld
from tests.support.files.wheels import build_wheel, metadata_text
from tests.support.programs.cli import Ran, Shell

KEY = "4c0883a69102937d6231471b5dbb6204fe512961708279fe5b3d4b2e1f2a5c6d"
ME = Account.from_key(KEY).address
MINE = bytes.fromhex(ME[2:])
OTHER = checksum_address(bytes.fromhex("b2" * 20))
ADDRESS_OF_REGISTRY = checksum_address(REGISTRY)
ENVIRONMENT = {
    "DIPMP_REGISTRY": ADDRESS_OF_REGISTRY,
    "ETH_GATEWAY": "http://rpc.invalid/secret-token",
    "DIPMP_SIGNER": "env:CI_KEY",
    "CI_KEY": KEY,
}
INDEX = f"http://127.0.0.1:5000/simple/{ADDRESS_OF_REGISTRY}/"
PUBLISH_ENVIRONMENT = {**ENVIRONMENT, "DIPMP_PINNER": "kubo:http://pin.invalid", "DIPMP_INDEX_URL": INDEX}
MIRROR_ENVIRONMENT = {**ENVIRONMENT, "DIPMP_PINNER": "kubo:http://pin.invalid"}


class CommandBench:
    """A node, and a shell for the commands that read and write a registry."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.node = FakeNode()
        self.node.time = int(time.time())

    def __call__(self, *arguments: object) -> Ran:
        return self.shell.dipmp(*arguments)

    def json(self, *arguments: object) -> dict[str, Any]:
        """Run a command that succeeds, and return its document."""
        ran = self(*arguments, "--json")
        assert ran.code == 0, ran.err
        document: dict[str, Any] = json.loads(ran.out)
        return document

    def claim(self, name: str = "demo", owner: bytes = MINE) -> None:
        """Claim a name on the node."""
        self.node.model.claim(owner, self.node.time, name, owner, b"")

    def release(self, *filenames: str, by: bytes = MINE) -> None:
        """Release files of one version of demo."""
        digests = (bytes(32) if name.endswith(".whl") else None for name in filenames)
        rows = [FileRecord(name, 5, bytes(32), None, digest) for name, digest in zip(filenames, digests, strict=True)]
        self.node.model.append(by, self.node.time, "demo", RELEASE, encode_release(Release("", tuple(rows))))


class PublishBench:
    """Everything that a publish touches, and the shell to run it in."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.node = FakeNode()
        self.node.time = int(time.time())
        self.pinner = FakePinner()
        self.asked_rpcs: list[str] = []

    def rpc(self, url: str, *_: object, **__: object) -> FakeNode:
        """Note a URL and return the node."""
        self.asked_rpcs.append(url)
        return self.node

    def nothing_was_sent(self) -> bool:
        """Whether neither the node nor the pinner got anything."""
        return not self.node.sent and not self.pinner.events


@dataclass
class MirrorBench:
    """Everything that a mirror touches."""

    shell: Shell
    source: SourceWorld
    folder: Path
    node: FakeNode
    pinner: FakePinner

    def mirror(self, *arguments: str, json_too: bool = True, **environment: str) -> Ran:
        """Mirror from the index, with consent."""
        if environment:
            self.shell.environment(MIRROR_ENVIRONMENT | environment)
        options = [*([] if "DIPMP_MIRROR_FROM" in environment else ["--from", self.source.url]), "--yes"]
        options += ["--json"] if json_too else []
        return self.shell.dipmp("mirror", *options, "--cache", self.folder / "cache", *arguments)

    def wheel(self, name: str, version: str = "1.0", *needs: str, **changes: Any) -> str:  # noqa: ANN401 - parts of a record
        """List a wheel; return its name."""
        tag = changes.pop("tag", "py3-none-any")
        extra = "".join(f"Requires-Dist: {need}\n" for need in needs)
        text = metadata_text(name, version, extra=extra)
        path = build_wheel(self.folder / "made" / changes.pop("at", "here"), name, version, tag=tag, metadata=text)
        self.source.add(path, **changes)
        return path.name


def mirrored(ran: Ran) -> list[str]:
    """Return the files that a run of `dipmp mirror --json` published."""
    return [name for item in json.loads(ran.out)["transactions"] for name in item["files"]]


def refused(ran: Ran) -> dict[str, str]:
    """Return what a run of `dipmp mirror --json` refused, and why."""
    return {item["subject"]: item["reason"] for item in json.loads(ran.out)["refused"]}
