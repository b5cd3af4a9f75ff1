"""Configuration of pip, uv and Poetry with a registry as their only index. Pure.

The registry stands alone on purpose: with a second index, an outage of the first one decides which package is taken.
Sources: pip's configuration files, uv's `[[index]]`, Poetry's package sources (a primary source replaces PyPI).
"""

import re
import shlex
from dataclasses import dataclass

from ..errors import InvalidInput
from ..http.url import ParsedUrl, parse_target
from ..model.names import parse_registry

_PATH = re.compile(r"(?P<prefix>(?:/[A-Za-z0-9._~-]+)*/simple/)(?P<registry>[^/]+)/?")


@dataclass(frozen=True, slots=True)
class Index:
    """A registry's index on a server: canonical `url`, server's `host`; `plain_http` off loopback needs a warning."""

    url: str
    host: str
    plain_http: bool


@dataclass(frozen=True, slots=True)
class Command:
    """Shell commands for `tool`, one a line."""

    tool: str
    lines: tuple[str, ...]


def parse_index(url: str) -> Index:
    """Parse `https://host[/prefix]/simple/{registry}/`. Raises InvalidInput, and InvalidAddress for the registry."""
    target = parse_target(url)
    match = _PATH.fullmatch(target.path)
    if match is None or target.authorization:
        raise InvalidInput(
            f"{target} is not the URL of a registry's index",
            hint="write it as https://HOST/simple/0xREGISTRY/, without user, query or anything behind the address",
        )
    registry = parse_registry(match["registry"])
    origin = target.origin
    url = f"{origin}{match['prefix']}{registry}/"
    return Index(url, origin.host, _is_exposed(target))


def index_on(server: str, registry: str) -> Index:
    """Return a registry's index on a server, `https://host[/prefix]`; with "", for an unknown one, the host is SERVER.

    Raises as parse_index does.
    """
    path = f"/simple/{registry}/"
    return parse_index(server + path) if server else Index(f"https://SERVER{path}", "SERVER", plain_http=False)


def is_server(url: str) -> bool:
    """Tell whether `url` is a server's, `https://host[/prefix]`, without user, query or fragment."""
    try:
        index_on(url, "0x" + "0" * 40)
    except InvalidInput:
        return False
    return True


def _is_exposed(target: ParsedUrl) -> bool:
    return target.origin.scheme == "http" and not target.origin.is_loopback


def pip_conf(index: Index) -> str:
    """Return a section of pip.conf (Windows: pip.ini)."""
    lines = ["[global]", f"index-url = {index.url}"]
    if index.plain_http:
        lines.append(f"trusted-host = {index.host}")
    return _text(index, lines)


def uv_toml(index: Index) -> str:
    """Return a table of uv.toml. `default` keeps uv from PyPI."""
    lines = ["[[index]]", 'name = "dipmp"', f'url = "{index.url}"', "default = true"]
    return _text(index, lines)


def poetry_toml(index: Index) -> str:
    """Return a table of pyproject.toml. A primary source keeps Poetry from PyPI."""
    lines = ["[[tool.poetry.source]]", 'name = "dipmp"', f'url = "{index.url}"', 'priority = "primary"']
    return _text(index, lines)


def install_commands(index: Index, project: str) -> tuple[Command, ...]:
    """Return the commands that install a project, by its normalised name, from the index alone."""
    trusted = ["--trusted-host", index.host] if index.plain_http else []
    pip = ["pip", "install", "--index-url", index.url, *trusted, project]
    uv = ["uv", "pip", "install", "--default-index", index.url, project]
    source = ["poetry", "source", "add", "--priority=primary", "dipmp", index.url]
    poetry = ["poetry", "add", "--source", "dipmp", project]
    return (
        Command("pip", (shlex.join(pip),)),
        Command("uv", (shlex.join(uv),)),
        Command("Poetry", (shlex.join(source), shlex.join(poetry))),
    )


def _text(index: Index, lines: list[str]) -> str:
    warning = ["# Over plain HTTP anybody on the way can change the index, and with it what is installed."]
    return "\n".join((warning if index.plain_http else []) + lines) + "\n"
