"""The Simple Repository API as bytes: content negotiation, and project pages and lists in JSON 1.4 and HTML 1.4.

Pure: the same value in the same format gives the same bytes. Sources: the PyPA "Simple repository API" specification,
which unites PEP 503, 592, 629, 658, 691, 700, 714, 792 and 833.
"""

import json
from urllib.parse import quote

from ..model.pages import Project, ProjectList
from .documents import RELATIVE, Document, clean, list_document, project_document, timestamp, visible_files
from .formats import DEFAULT, Format, negotiate, weighted
from .markup import list_html, project_html

__all__ = [
    "DEFAULT",
    "RENDERER",
    "Format",
    "clean",
    "negotiate",
    "project_document",
    "render_list",
    "render_project",
    "timestamp",
    "visible_files",
    "weighted",
]

RENDERER = 2
"""Grows whenever the bytes for an unchanged value change, so that clients' cached pages are not taken for current."""


def render_project(project: Project, fmt: Format, base: str = RELATIVE) -> bytes:
    """Return the project page.

    File URLs are relative to `/simple/{registry}/{project}/`, or for pages that are read elsewhere below `base`, the
    server's URL with a slash at its end.
    """
    document = project_document(project, base)
    return _json(document) if fmt is Format.JSON else project_html(document)


def render_list(projects: ProjectList, fmt: Format, base: str = RELATIVE) -> bytes:
    """Return the list of projects. Links are relative to `/simple/{registry}/`, or below `base`, as project pages'."""
    document = list_document(projects)
    folder = "" if base == RELATIVE else f"{base}simple/{quote(str(projects.registry), safe=':')}/"
    return _json(document) if fmt is Format.JSON else list_html(document, folder)


def _json(document: Document) -> bytes:
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
