"""The templates of the pages for people, and the security policy that fits them.

Imported with the first page that somebody asks for, since Jinja2 is nothing that a cold start should pay for.
"""

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .format import moment, number, segment, shortened, size

_FOLDER = Path(__file__).parent.parent / "templates"


def render(template: str, **values: object) -> str:
    """Return a page. A value that the template wants and does not get is an error, every text is escaped."""
    return _environment().get_template(template).render(values)


@cache
def security_policy() -> str:
    """Return the Content-Security-Policy: our one style sheet by its hash, our forms, an icon, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {
        "segment": segment,
        "moment": moment,
        "number": number,
        "shortened": shortened,
        "size": size,
    }
    # Ours, and hashed as it stands, so it must not be escaped.
    environment.globals["style"] = Markup(_style())  # noqa: S704
    return environment


@cache
def _style() -> str:
    return (_FOLDER / "style.css").read_text(encoding="utf-8")
