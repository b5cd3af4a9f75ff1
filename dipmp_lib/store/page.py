"""Logs as pages: the fold of a log's entries, with where it lives. Pure."""

from ..log.fold import fold_project, fold_registry
from ..model import Project, ProjectList
from ..names import ProjectName, RegistryAddress
from .log import Log


def project_list_of(registry: RegistryAddress, log: Log) -> ProjectList:
    """Return what a registry log says."""
    folded = fold_registry(log.blobs)
    return ProjectList(
        registry=registry,
        head=log.head,
        count=log.slot.count,
        names=folded.names,
        notes=folded.notes,
        incomplete=folded.incomplete,
    )


def project_of(registry: RegistryAddress, log: Log) -> Project:
    """Return what a project's log says."""
    name = ProjectName(log.name)
    folded = fold_project(name, log.blobs)
    return Project(
        registry=registry,
        name=name,
        head=log.head,
        count=log.slot.count,
        owner=log.slot.owner,
        status=folded.status,
        status_reason=folded.status_reason,
        files=folded.files,
        notes=folded.notes,
        incomplete=folded.incomplete,
    )
