"""The pinned compiler, kept running: sources in, the factory's creation code out, as quickly as it can be made."""

import json
import subprocess
from types import TracebackType
from typing import Self

from contract.build import CONTRACT, ENTRY, SETTINGS, node

FAST = {
    "evmVersion": SETTINGS["evmVersion"],
    "metadata": SETTINGS["metadata"],
    "outputSelection": {ENTRY: {"*": ["evm.bytecode.object"]}},
}


class CompilerError(Exception):
    """The compiler stopped."""


class Compiler:
    """One process of `solc.js --lines`, to be used by one thread and as a context."""

    def __init__(self) -> None:
        command = [node(), str(CONTRACT / "solc.js"), "--lines"]
        self._process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _value: object, _traceback: TracebackType | None) -> None:
        self._process.kill()
        self._process.communicate()

    def factory(self, sources: dict[str, str]) -> str | None:
        """Return the factory's code as 0x-hex, not optimized; None if it does not compile. Raises CompilerError."""
        question = {
            "language": "Solidity",
            "sources": {name: {"content": text} for name, text in sources.items()},
            "settings": FAST,
        }
        answer = json.loads(self._ask(json.dumps(question)))
        if any(item["severity"] == "error" for item in answer.get("errors", [])):
            return None
        (contract,) = answer["contracts"][ENTRY].values()
        return "0x" + str(contract["evm"]["bytecode"]["object"])

    def _ask(self, line: str) -> str:
        if self._process.stdin is None or self._process.stdout is None:
            raise CompilerError("the compiler has no pipes")
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise CompilerError("the compiler stopped without an answer")
        return answer
