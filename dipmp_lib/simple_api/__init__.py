"""The Simple Repository API as bytes: content negotiation, and project pages and lists in JSON 1.4 and HTML 1.4. Pure.

Sources: the PyPA "Simple repository API" specification, which unites PEP 503, 592, 629, 658, 691, 700, 714, 792 and
833.
"""

from .documents import clean, project_document, timestamp, visible_files
from .formats import DEFAULT, Format, negotiate, weighted
from .render import RENDERER, render_list, render_project

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
