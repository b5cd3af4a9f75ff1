"""Denylists in files, which may change while the server runs."""

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
"""Age at which the files are checked again before a request is answered."""
MAX_FILE = 128 * 1024 * 1024
"""Bytes; the largest public list has less than half of it."""
_FileState = tuple[int, ...] | None
"""Device, inode, size and times of a file; None where it cannot be seen."""
_MAX_NAMED = 5


@dataclass(frozen=True, slots=True)
class _File:
    state: _FileState
    parsed: Denylist


class FileSource(RuleSource):
    """Source of lists in files, of which later ones override earlier ones.

    Where a file can no longer be read, or has no valid header, the rules that were last read from it stay in effect.
    Telemetry is told of that, and of lines that are no rules. Raises InvalidSettings if a file cannot be read at first.
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
        self._failed: dict[Path, _FileState] = {}
        problems = [f"DIPMP_DENYLIST: {path}: {text}" for path in self._paths if (text := self._read(path))]
        if problems:
            raise InvalidSettings(problems)
        self._checked = clock()
        self.rules = self._merge()

    def due(self) -> bool:
        """Tell whether `check` has to be called, as the files were last checked too long ago."""
        return self._clock() - self._checked >= CHECK_SECONDS

    def check(self) -> None:
        """Read the files that changed; at most once in CHECK_SECONDS, however many threads call."""
        with self._lock:
            if not self.due():
                return
            began = self._clock()
            changed = [path for path in self._paths if self._has_changed(path)]
            if changed:
                for path in changed:
                    self._read(path)
                self.rules = self._merge()
            self._checked = began

    def _has_changed(self, path: Path) -> bool:
        state = _state(path)
        return state != self._files[path].state and (path not in self._failed or state != self._failed[path])

    def _read(self, path: Path) -> str:
        """Read a file and return its problem, "" for none. A file with a problem changes no rule."""
        state = _state(path)
        self._failed.pop(path, None)  # a file that cannot be read is tried again at each check
        try:
            data = _bytes(path)
            self._failed[path] = state
            parsed = parse_denylist(data)
        except InvalidDenylist as error:
            self._telemetry.tell(Event.POLICY_FAILED, list=path.name, problem=str(error))
            return str(error)
        self._failed.pop(path, None)
        self._files[path] = _File(state, parsed)
        if parsed.faults:
            self._tell(path, parsed)
        return ""

    def _tell(self, path: Path, parsed: Denylist) -> None:
        named = "; ".join(f"line {each.line}: {each.text}" for each in parsed.problems[:_MAX_NAMED])
        self._telemetry.tell(Event.POLICY_FAILED, list=path.name, lines=parsed.faults, problem=named)

    def _merge(self) -> RuleSet:
        return RuleSet([self._files[path].parsed for path in self._paths])


def _state(path: Path) -> _FileState:
    """Return what changes whenever a file does."""
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
