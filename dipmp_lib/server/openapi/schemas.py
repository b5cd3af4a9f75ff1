"""JSON Schemas of response bodies. Sources: the Simple Repository API 1.4 in its JSON form, RFC 9457."""

from typing import Any

Schema = dict[str, Any]

_HEX_32 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}


def _closed(properties: Schema, *optional: str) -> Schema:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _open(properties: Schema, *optional: str) -> Schema:
    """Return the schema of an object to which a later version may add members."""
    return _closed(properties, *optional) | {"additionalProperties": True}


_META = _closed({"api-version": {"const": "1.4"}})
_NOTE = _open({"entry": {"type": "integer"}, "code": _TEXT, "filename": _TEXT, "detail": _TEXT}, "filename", "detail")
_ORIGIN = {
    "registry": _TEXT,
    "head": {"type": "string", "pattern": "^0x[0-9a-f]{64}$"},
    "entries": _COUNT,
    "incomplete": {"type": "boolean"},
    "notes": {"type": "array", "items": _NOTE},
}
_POLICY_NOTE = _open(
    dict.fromkeys(("rule", "action", "filename", "reason", "ref", "statement", "url"), _TEXT),
    *("filename", "reason", "ref", "statement", "url"),
)
_FILE = _closed(
    {
        "filename": {"type": "string", "maxLength": 255},
        "url": _TEXT,
        "hashes": _closed({"sha256": _HEX_32}),
        "size": {"type": "integer", "minimum": 1},
        "upload-time": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$"},
        "yanked": {"oneOf": [{"type": "boolean"}, {"type": "string", "minLength": 1}]},
        "requires-python": _TEXT,
        "core-metadata": _closed({"sha256": _HEX_32}),
        "_dipmp": _open({"cid": _TEXT, "publisher": _TEXT, "entry": _COUNT}),
    },
    "requires-python",
    "core-metadata",
)
_STATUS = _closed({"status": {"enum": ["active", "archived", "deprecated", "quarantined"]}, "reason": _TEXT}, "reason")

SCHEMAS: Schema = {
    "ProjectList": _closed(
        {
            "meta": _META,
            "projects": {"type": "array", "items": _closed({"name": _TEXT})},
            "_dipmp": _open(_ORIGIN),
        }
    ),
    "ProjectPage": _closed(
        {
            "meta": _META,
            "name": _TEXT,
            "project-status": _STATUS,
            "versions": {"type": "array", "items": _TEXT, "uniqueItems": True},
            "files": {"type": "array", "items": _FILE},
            "_dipmp": _open(
                {"owner": _TEXT, **_ORIGIN, "denied": _COUNT, "policy": {"type": "array", "items": _POLICY_NOTE}},
                *("denied", "policy"),
            ),
        }
    ),
    "Problem": _closed(
        {
            "title": _TEXT,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": _TEXT,
            "hint": _TEXT,
            "code": _TEXT,
        },
        "hint",
        "code",
    ),
    "Health": _closed(
        {"status": {"enum": ["ok", "degraded"]}, "recent": {"type": "object", "additionalProperties": _COUNT}}
    ),
}
