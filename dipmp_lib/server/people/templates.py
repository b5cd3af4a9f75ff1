"""Templates of the pages for people, and the security policy that goes with them.

Imported with the first page, so that a cold start does not load Jinja2.
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
    """Return a page. A value that the template lacks is an error, and every text is escaped."""
    return _environment().get_template(template).render(values)


@cache
def security_policy() -> str:
    """Return the Content-Security-Policy: the one style sheet by its hash, forms to this server, an icon, no more."""
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
    # It is ours, and its hash is that of the plain text, so it must not be escaped.
    environment.globals["style"] = Markup(_style())  # noqa: S704
    return environment


@cache
def _style() -> str:
    return (_FOLDER / "style.css").read_text(encoding="utf-8")
