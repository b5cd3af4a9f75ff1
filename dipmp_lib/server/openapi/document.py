"""OpenAPI document: the routes, and every status that each may answer with."""

from typing import Any

from ...simple_api import Format
from .schemas import SCHEMAS, Schema

_Responses = dict[int, Schema]

_PROBLEMS = {
    403: "This server is set up for other registries.",
    404: "Proven absent, or no name or address at all.",
    451: "The operator's denylist refuses it.",
    502: "The registry's answer does not verify.",
    503: "The chain or the gateways cannot be asked now; try again after `Retry-After`.",
}
_PARAMETERS = {
    "registry": "`0x` and 40 hexadecimal digits, with an EIP-3770 short name and a colon before it on other chains.",
    "project": "A project's name; its PEP 503 normal form is the canonical one.",
    "filename": "The name of a wheel or an sdist that the project's page lists.",
}
_REDIRECT = "To the canonical URL, by a relative location."


def openapi_document(version: str) -> Schema:
    """Return the document as JSON-able data; `version` is the server's."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "dipmp",
            "version": version,
            "summary": "The Simple Repository API over registries on Ethereum and files on IPFS.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "paths": {path: _path(path, summary, responses) for path, summary, responses in _routes()},
        "components": {"schemas": SCHEMAS},
    }


def _routes() -> list[tuple[str, str, _Responses]]:
    file = {"description": "The file, where the server passes files on itself.", **_content("application/octet-stream")}
    part = {"description": "The part that `Range` asks for.", **_content("application/octet-stream")}
    metadata = {"description": "The wheel's METADATA.", **_content("application/octet-stream")}
    return [
        ("/simple/{registry}/", "The registry's projects", _page("ProjectList")),
        ("/simple/{registry}/{project}/", "The project's files", _page("ProjectPage")),
        (
            "/files/{registry}/{project}/{filename}",
            "One file",
            {
                200: file,
                206: part,
                302: {"description": "To a gateway that has the file."},
                304: {"description": "The client has it."},
                416: {"description": "The file is shorter than `Range` assumes."},
                **_refusals(),
            },
        ),
        (
            "/files/{registry}/{project}/{filename}.metadata",
            "A wheel's METADATA (PEP 658)",
            {200: metadata, 304: {"description": "The client has it."}, **_refusals()},
        ),
        (
            "/healthz",
            "Whether the process lives, and what went wrong around it in the last minutes",
            {200: {"description": "It lives.", **_content("application/json", "Health")}},
        ),
        (
            "/openapi.json",
            "This document",
            {200: {"description": "OpenAPI 3.1.", **_content("application/json")}},
        ),
    ]


def _page(schema: str) -> _Responses:
    html = {
        fmt.content_type.partition(";")[0]: {"schema": {"type": "string"}} for fmt in (Format.HTML, Format.TEXT_HTML)
    }
    json_type = {Format.JSON.content_type: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {
        200: {"description": "The page, in the format that `Accept` asks for.", "content": {**json_type, **html}},
        302: {"description": "To a copy of a page too large for this server."},
        304: {"description": "The client has it (`If-None-Match`)."},
        **_refusals(),
    }


def _refusals() -> _Responses:
    problem = _content("application/problem+json", "Problem")
    refused: _Responses = {status: {"description": text, **problem} for status, text in _PROBLEMS.items()}
    return {301: {"description": _REDIRECT}, **refused}


def _content(media_type: str, schema: str = "") -> Schema:
    return {"content": {media_type: {"schema": {"$ref": f"#/components/schemas/{schema}"} if schema else {}}}}


def _path(path: str, summary: str, responses: _Responses) -> Schema:
    parameters = [
        {"name": name, "in": "path", "required": True, "description": text, "schema": {"type": "string"}}
        for name, text in _PARAMETERS.items()
        if f"{{{name}}}" in path
    ]
    shared: dict[str, Any] = {"summary": summary, "parameters": parameters}
    bodiless: _Responses = {status: {"description": each["description"]} for status, each in responses.items()}
    return {
        "get": {**shared, "operationId": _identifier("get", path), "responses": _keyed(responses)},
        "head": {**shared, "operationId": _identifier("head", path), "responses": _keyed(bodiless)},
    }


def _identifier(method: str, path: str) -> str:
    words = path.replace("{", "").replace("}", "").replace(".", "-").strip("/").split("/")
    return "-".join((method, *words))


def _keyed(responses: _Responses) -> Schema:
    return {str(status): responses[status] for status in sorted(responses)}
