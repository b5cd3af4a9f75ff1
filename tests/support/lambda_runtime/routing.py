"""Route selection of an HTTP API.

Of the routes that match, one without variables in its path wins, then one with more segments before its greedy
variable, then `$default`; of two alike, one that names the method. A slash at the end of a path does not count, and a
greedy variable needs something to match. Source: "Create routes for HTTP APIs" in the API Gateway guide.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .config import DEFAULT, Route

_VARIABLE = re.compile(r"\{([A-Za-z0-9._:-]+)(\+?)\}")


@dataclass(frozen=True, slots=True)
class Match:
    """A selected route, and the variables of its path."""

    route: Route
    parameters: Mapping[str, str]


class Router:
    """Selects routes. Raises ValueError for a key that an HTTP API refuses."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._default = next((route for route in routes if route.key == DEFAULT), None)
        self._patterns = sorted((_Pattern(route) for route in routes if route.key != DEFAULT), key=lambda p: p.rank)

    def match(self, method: str, path: str) -> Match | None:
        """Return the route for a path without the stage, None where there is none."""
        for pattern in self._patterns:
            found = pattern.match(method, path)
            if found is not None:
                return Match(pattern.route, found)
        return Match(self._default, {}) if self._default else None


class _Pattern:
    def __init__(self, route: Route) -> None:
        method, _, path = route.key.partition(" ")
        if not path.startswith("/") or (path.endswith("/") and path != "/"):
            raise ValueError(f"{route.key!r} is no route key: METHOD /path without a slash at its end, or {DEFAULT}")
        self.route = route
        self._method = method
        segments = path.strip("/").split("/")
        self._expression = re.compile("/" + "/".join(map(_segment, segments)) + "/?")
        fixed = [segment for segment in segments if not _VARIABLE.fullmatch(segment)]
        self.rank = ("+}" in path, len(segments) - len(fixed), -len(fixed), method == "ANY")

    def match(self, method: str, path: str) -> Mapping[str, str] | None:
        """Return the variables where the pattern matches, else None."""
        found = self._expression.fullmatch(path)
        if found is None or self._method not in (method, "ANY"):
            return None
        return found.groupdict()


def _segment(text: str) -> str:
    variable = _VARIABLE.fullmatch(text)
    if variable is None:
        return re.escape(text)
    name = re.sub(r"\W", "_", variable[1])
    return f"(?P<{name}>.+)" if variable[2] else f"(?P<{name}>[^/]+)"
