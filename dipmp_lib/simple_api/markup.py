"""HTML 1.4, the form that PEP 833 froze, of documents: one anchor per project or file, everything escaped.

The bytes are ASCII, with character references for the rest, so that no client has to guess an encoding.
"""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from urllib.parse import quote

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="pypi:repository-version" content="1.4">
{meta}<title>{title}</title>
</head>
<body>
<h1>{title}</h1>
{body}</body>
</html>
"""
_DENIED = "<p>The operator of this server does not offer {denied} of this project's files.</p>\n"
_INCOMPLETE = "<p>This page is incomplete: the log holds entries that this server cannot read.</p>\n"


def project_html(document: Mapping[str, Any]) -> bytes:
    """Return the HTML page of a document that project_document made."""
    status = document["project-status"]
    meta = _meta("pypi:project-status", status["status"])
    if "reason" in status:
        meta += _meta("pypi:project-status-reason", status["reason"])
    anchors = (_anchor(file["filename"], _attributes(file)) for file in document["files"])
    return _page(f"Links for {document['name']}", document, anchors, meta)


def list_html(document: Mapping[str, Any], folder: str = "") -> bytes:
    """Return the HTML page of a document that list_document made; the projects' pages are below `folder`."""
    names = (project["name"] for project in document["projects"])
    anchors = (_anchor(name, {"href": f"{folder}{quote(name, safe='')}/"}) for name in names)
    return _page(f"Projects of {document['_dipmp']['registry']}", document, anchors)


def _page(title: str, document: Mapping[str, Any], anchors: Iterable[str], meta: str = "") -> bytes:
    own = document["_dipmp"]
    body = (_INCOMPLETE if own["incomplete"] else "") + (_DENIED.format(**own) if own.get("denied") else "")
    body += "".join(anchors)
    return _PAGE.format(title=escape(title), meta=meta, body=body).encode("ascii", "xmlcharrefreplace")


def _attributes(file: Mapping[str, Any]) -> Mapping[str, str]:
    attributes = {"href": f"{file['url']}#sha256={file['hashes']['sha256']}"}
    if "requires-python" in file:
        attributes["data-requires-python"] = file["requires-python"]
    if "core-metadata" in file:
        # Two spellings: clients older than PEP 714 know only the second.
        digest = f"sha256={file['core-metadata']['sha256']}"
        attributes |= {"data-core-metadata": digest, "data-dist-info-metadata": digest}
    if file["yanked"]:
        attributes["data-yanked"] = "" if file["yanked"] is True else file["yanked"]
    return attributes


def _anchor(text: str, attributes: Mapping[str, str]) -> str:
    pairs = " ".join(f'{name}="{escape(value)}"' for name, value in attributes.items())
    return f"<a {pairs}>{escape(text)}</a><br>\n"


def _meta(name: str, content: str) -> str:
    return f'<meta name="{escape(name)}" content="{escape(content)}">\n'
