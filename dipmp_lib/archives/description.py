"""Whether a description renders as its type says: only reStructuredText can fail to."""

from email.message import Message
from io import StringIO

from packaging.metadata import parse_email

from .findings import Findings

_RST = "text/x-rst"
_SHOWN = 160


def check_description(data: bytes, findings: Findings) -> None:
    """Warn about reStructuredText that shows as plain text, with the first reason."""
    try:
        raw, _ = parse_email(data)
    except (UnicodeError, ValueError):
        return
    header = Message()
    header["content-type"] = raw.get("description_content_type", "")
    description = raw.get("description", "")
    if header.get_content_type() == _RST and description:
        reason = _reason(description)
        if reason is not None:
            findings.warn(f"has a description that does not render as {_RST}: {reason}")


def _reason(description: str) -> str | None:
    """Return None where it renders."""

    from readme_renderer import rst  # noqa: PLC0415 - loads docutils, which nothing else needs

    messages = StringIO()
    if rst.render(description, stream=messages) is not None:
        return None
    first = messages.getvalue().strip().partition("\n")[0]
    return ascii(first[:_SHOWN])[1:-1] or "it has errors"
