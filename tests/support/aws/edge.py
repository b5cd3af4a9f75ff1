"""A CloudFront Function under node, called with viewer-request events."""

import json
import shutil
import subprocess
from types import TracebackType
from typing import Any, Self

from tests.support.programs.required import missing
from tests.support.waiting import HANGS

_LOOP = """
const source = JSON.parse(process.argv[1]);
// The function reaches nothing of node, as on CloudFront.
const context = require("vm").createContext(Object.create(null));
require("vm").runInContext(source, context);
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const answer = require("vm").runInContext(`JSON.stringify(handler(${line}))`, context, { timeout: 1000 });
  process.stdout.write(answer + "\\n");
});
"""
Request = dict[str, Any]


class Edge:
    """Runs the function while it is entered."""

    def __init__(self, source: str) -> None:
        node = shutil.which("node") or missing("node is not installed")
        self._command = [node, "-e", _LOOP, json.dumps(source)]
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        self._process.communicate(timeout=HANGS)  # closes its input, which ends it

    def request(self, uri: str, headers: dict[str, list[str]], query: dict[str, str] | None = None) -> Request:
        """Return the request that the function returns for a request, in the form of the event (runtime 2.0)."""
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        event = {
            "version": "1.0",
            "request": {
                "method": "GET",
                "uri": uri,
                "querystring": {name: {"value": value} for name, value in (query or {}).items()},
                "headers": {name: _header(values) for name, values in headers.items()},
                "cookies": {},
            },
        }
        self._process.stdin.write(json.dumps(event) + "\n")
        self._process.stdin.flush()
        answer: Request = json.loads(self._process.stdout.readline())
        return answer


def _header(values: list[str]) -> dict[str, Any]:
    if len(values) == 1:
        return {"value": values[0]}
    return {"value": values[0], "multiValue": [{"value": value} for value in values]}
