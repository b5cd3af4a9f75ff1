"""A registry and gateways in memory for tests of the server, and files and projects to fill them with."""

import hashlib
import threading
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from dipmp_lib.errors import DipmpError, GatewayError, ProjectNotFound, RegistryNotFound, RpcError
from dipmp_lib.ipfs.cid import RAW_FILE_MAX, Cid
from dipmp_lib.model.names import ProjectName, RegistryAddress, parse_registry
from dipmp_lib.model.pages import File, Project, ProjectList, Status
from dipmp_lib.registry import CachedRegistry, Lifetimes
from dipmp_lib.registry.port import Registry
from dipmp_lib.server.policy import Policy
from dipmp_lib.server.services import Services
from tests.support.waiting import HANGS

REGISTRY = parse_registry("0xb9d99e1235FDA780bef7198cE2bb4321BBe8Fea6")
OWNER = bytes.fromhex("5aaeb6053f3e94c9b9a09f33669435e7ef1beaed")
NO_MEMORY = Lifetimes(fresh=0, absent_project=0, absent_registry=0, failure=0)
UPLOADED = 1_700_000_000  # 2023-11-14T22:13:20Z


def make_file(filename: str, version: str, content: bytes = b"", **changes: Any) -> File:  # noqa: ANN401
    """Return a file; a wheel's METADATA is `metadata_of(filename)`."""
    size = changes.pop("size", None) or max(len(content), 1)
    values: dict[str, Any] = {
        "filename": filename,
        "version": version,
        "size": size,
        "sha256": hashlib.sha256(content or filename.encode()).digest(),
        "dag_root": None if size <= RAW_FILE_MAX else hashlib.sha256(b"root" + filename.encode()).digest(),
        "metadata_sha256": hashlib.sha256(metadata_of(filename)).digest() if filename.endswith(".whl") else None,
        "requires_python": ">=3.8",
        "uploaded": UPLOADED,
        "publisher": OWNER,
        "entry": 0,
    }
    return File(**(values | changes))


def metadata_of(filename: str) -> bytes:
    """Return a METADATA file for a wheel's name."""
    name, version = filename.split("-")[:2]
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()


def make_project(name: str, *files: File, registry: RegistryAddress = REGISTRY, **changes: Any) -> Project:  # noqa: ANN401
    """Return a project whose head follows from its name and the number of its files."""
    values: dict[str, Any] = {
        "registry": registry,
        "name": ProjectName(name),
        "head": hashlib.sha256(f"{registry}/{name}/{len(files)}".encode()).digest(),
        "count": len(files),
        "owner": OWNER,
        "status": Status.ACTIVE,
        "files": files,
    }
    return Project(**(values | changes))


class FakeRegistry:
    """A Registry over a dict. `failure`, when set, is raised by every read; `calls` counts reads; `gate` holds them.

    Reads of registries in `unreachable` fail.
    """

    def __init__(self, *projects: Project, unreachable: Collection[RegistryAddress] = ()) -> None:
        self.projects = {(project.registry, project.name): project for project in projects}
        self.unreachable = frozenset(unreachable)
        self.failure: DipmpError | None = None
        self.calls = 0
        self.gate = threading.Event()
        self.gate.set()

    def put(self, project: Project) -> None:
        """Add or replace a project."""
        self.projects[project.registry, project.name] = project

    def project(self, registry: RegistryAddress, name: ProjectName) -> Project:
        """Return a project. Raises as the port says."""
        self._read(registry)
        try:
            return self.projects[registry, name]
        except KeyError:
            raise ProjectNotFound(f"{registry} has no project {name}") from None

    def project_list(self, registry: RegistryAddress) -> ProjectList:
        """Return the list. Raises as the port says."""
        self._read(registry)
        names = sorted(name for known, name in self.projects if known == registry)
        head = hashlib.sha256(repr((str(registry), names)).encode()).digest()
        return ProjectList(registry=registry, head=head, count=len(names), names=tuple(names))

    def _read(self, registry: RegistryAddress) -> None:
        self.calls += 1
        self.gate.wait(HANGS)
        if self.failure is not None:
            raise self.failure
        if registry in self.unreachable:
            raise RpcError("no endpoint answers")
        if all(known != registry for known, _ in self.projects):
            raise RegistryNotFound(f"no registry is at {registry}")


class FakeGateways:
    """Gateways without a network; `blocks` are the contents that `block` finds, by sha256."""

    def __init__(self, base: str = "https://gateway.example/ipfs", *contents: bytes) -> None:
        self.base = base
        self.blocks = {hashlib.sha256(content).digest(): content for content in contents}
        self.fetched = 0

    def peek(self, cid: Cid, filename: str) -> str | None:
        """Return None."""
        return None

    def pick(self, cid: Cid, filename: str, size: int, *, resumed: bool = False) -> str:
        """Return a URL for the file."""
        return f"{self.base}/{cid}?filename={filename}"

    def block(self, cid: Cid, max_bytes: int) -> bytes:
        """Return a block of `blocks`."""
        self.fetched += 1
        data = self.blocks.get(cid.digest)
        if data is None or len(data) > max_bytes:
            raise GatewayError(f"no gateway has {cid}")
        return data


def make_services(
    registry: Registry,
    gateways: FakeGateways | None = None,
    *,
    lifetimes: Lifetimes = NO_MEMORY,
    policy: Policy | None = None,
) -> Services:
    """Return services over fakes; by default each request reads the registry, and only stale answers are kept."""
    cached = CachedRegistry(registry, lifetimes=lifetimes)
    return Services(cached, gateways or FakeGateways(), policy=policy or Policy())


def yanked(file: File, reason: str) -> File:
    """Return the file as yanked."""
    return replace(file, yanked=reason)
