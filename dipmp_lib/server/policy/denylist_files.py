"""Denylists as files that change while the server runs."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import InvalidDenylist, InvalidSettings
from ...telemetry import SILENCE, Event, Telemetry
from .denylist import Denylist, parse_denylist
from .rules import RuleSet
from .source import RuleSource

CHECK_SECONDS = 2.0
"""How old what is known of the files may be when a request is answered."""
MAX_FILE = 128 * 1024 * 1024
"""Bytes; the largest list in public use has less than half."""
_Look = tuple[int, ...] | None
_MAX_NAMED = 5


@dataclass(frozen=True, slots=True)
class _File:
    look: _Look
    parsed: Denylist


class FileSource(RuleSource):
    """Lists read from files, the later ones of which override the earlier ones.

    A file that cannot be read any more, or has no valid header, leaves in effect what was last read of it. It is told,
    as are lines that are no rules. Raises InvalidSettings if a file cannot be read at the start.
    """

    watches = True

    def __init__(
        self,
        paths: Sequence[str],
        *,
        telemetry: Telemetry = SILENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._paths = tuple(dict.fromkeys(Path(path) for path in paths))
        self._telemetry = telemetry
        self._clock = clock
        self._lock = threading.Lock()
        self._files: dict[Path, _File] = {}
        self._failed: dict[Path, _Look] = {}
        problems = [f"DIPMP_DENYLIST: {path}: {text}" for path in self._paths if (text := self._read(path))]
        if problems:
            raise InvalidSettings(problems)
        self._checked = clock()
        self.rules = self._merge()

    def due(self) -> bool:
        """Tell whether `check` has to be called, as the last look at the files is too long ago."""
        return self._clock() - self._checked >= CHECK_SECONDS

    def check(self) -> None:
        """Look at the files, and read those that changed; at most once in CHECK_SECONDS, whoever calls."""
        with self._lock:
            if not self.due():
                return
            began = self._clock()
            changed = [path for path in self._paths if self._is_news(path)]
            if changed:
                for path in changed:
                    self._read(path)
                self.rules = self._merge()
            self._checked = began

    def _is_news(self, path: Path) -> bool:
        look = _look(path)
        return look != self._files[path].look and (path not in self._failed or look != self._failed[path])

    def _read(self, path: Path) -> str:
        """Read a file; return what is wrong with it, "" for nothing. A wrong file changes nothing."""
        look = _look(path)
        self._failed.pop(path, None)  # one that cannot be read is tried again at each look
        try:
            data = _bytes(path)
            self._failed[path] = look
            parsed = parse_denylist(data)
        except InvalidDenylist as error:
            self._telemetry.tell(Event.POLICY_FAILED, list=path.name, problem=str(error))
            return str(error)
        self._failed.pop(path, None)
        self._files[path] = _File(look, parsed)
        if parsed.faults:
            self._tell(path, parsed)
        return ""

    def _tell(self, path: Path, parsed: Denylist) -> None:
        named = "; ".join(f"line {each.line}: {each.text}" for each in parsed.problems[:_MAX_NAMED])
        self._telemetry.tell(Event.POLICY_FAILED, list=path.name, lines=parsed.faults, problem=named)

    def _merge(self) -> RuleSet:
        return RuleSet([self._files[path].parsed for path in self._paths])


def _look(path: Path) -> _Look:
    """Return what changes when a file does; None where it cannot be seen."""
    try:
        seen = path.stat()
    except OSError:
        return None
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
    except OSError as error:
        raise InvalidDenylist(f"it cannot be read: {error.strerror or type(error).__name__}") from None
    if len(data) > MAX_FILE:
        raise InvalidDenylist(f"it has more than {MAX_FILE} bytes")
    return data
