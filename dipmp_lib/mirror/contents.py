"""Everything that a registry lists, as roots to be kept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..cid import Cid, file_cid, raw_cid
from ..errors import Malformed
from ..model import File, Project, Status
from ..names import ProjectName, RegistryAddress
from ..progress import Reporter
from ..registry import Registry


@dataclass(frozen=True, slots=True)
class Item:
    """A file, or a METADATA: its root, the sha256 of its bytes, and how many they are, None where nothing says it."""

    label: str
    root: Cid
    sha256: bytes
    size: int | None


@dataclass(frozen=True, slots=True)
class Contents:
    """Each root once; as sentences what is left out on purpose, and why projects cannot be read."""

    items: tuple[Item, ...]
    remarks: tuple[str, ...]
    unreadable: tuple[str, ...]


def contents(
    registry: Registry, address: RegistryAddress, reporter: Reporter, only: Sequence[ProjectName] = ()
) -> Contents:
    """Read the whole registry, or some of its projects; one with a broken log stops none of the others.

    Raises as the Registry port says.
    """
    names = only or registry.project_list(address).names
    found: dict[Cid, Item] = {}
    remarks: list[str] = []
    unreadable: list[str] = []
    with reporter.task(f"Reading {len(names)} projects", len(names)) as advance:
        for name in names:
            try:
                project = registry.project(address, name)
            except Malformed as error:
                unreadable.append(f"{name} cannot be read: {error}")
                continue
            if project.status is Status.QUARANTINED:
                remarks.append(f"{name} is quarantined, so its files are left out")
            else:
                for item in _items(project):
                    found.setdefault(item.root, item)
            if project.incomplete:
                unreadable.append(f"{name} has entries that this version of dipmp cannot read")
            advance(1)
    return Contents(tuple(found.values()), tuple(remarks), tuple(unreadable))


def _items(project: Project) -> Iterator[Item]:
    for file in project.files:
        yield _file(file)
        if file.metadata_sha256 is not None:
            label = f"{file.filename}.metadata"
            yield Item(label, raw_cid(file.metadata_sha256), file.metadata_sha256, None)


def _file(file: File) -> Item:
    return Item(file.filename, file_cid(file.sha256, file.dag_root), file.sha256, file.size)
