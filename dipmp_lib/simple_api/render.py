"""Project pages and project lists as bytes: the same value in the same format gives the same bytes. Pure."""

import json
from urllib.parse import quote

from ..model.pages import Project, ProjectList
from .documents import RELATIVE, Document, list_document, project_document
from .formats import Format
from .markup import list_html, project_html

RENDERER = 2
"""Number of this renderer, part of every ETag: raised whenever the bytes for an unchanged value change."""


def render_project(project: Project, fmt: Format, base: str = RELATIVE) -> bytes:
    """Return the project page.

    File URLs are relative to `/simple/{registry}/{project}/`; with `base`, the server's URL with a slash at its end,
    they are absolute, for pages that are read elsewhere.
    """
    document = project_document(project, base)
    return _json(document) if fmt is Format.JSON else project_html(document)


def render_list(projects: ProjectList, fmt: Format, base: str = RELATIVE) -> bytes:
    """Return the list of projects; links are relative to `/simple/{registry}/`, or below `base` as on project pages."""
    document = list_document(projects)
    folder = "" if base == RELATIVE else f"{base}simple/{quote(str(projects.registry), safe=':')}/"
    return _json(document) if fmt is Format.JSON else list_html(document, folder)


def _json(document: Document) -> bytes:
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
