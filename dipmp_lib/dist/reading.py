"""Reading several files, and saying all that is wrong with any of them at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..archives import without_sidecars
from ..errors import InvalidDistribution
from ..progress import Reporter
from .distribution import LENIENT, Distribution


@dataclass(frozen=True, slots=True)
class Reading:
    """The files that can be published, by project, version and name; and what is wrong with the others, if anything."""

    dists: tuple[Distribution, ...]
    error: InvalidDistribution | None


def read_each(paths: Sequence[Path], reporter: Reporter | None = None, *, lenient: bool = False) -> Reading:
    """Read every file, each path once; `lenient` as for Distribution.from_path."""
    found: list[Distribution] = []
    problems: list[tuple[str, str]] = []
    hints: set[str] = set()
    for path in without_sidecars([path.absolute() for path in paths]):
        try:
            found.append(Distribution.from_path(path, reporter, lenient=lenient))
        except InvalidDistribution as error:
            problems += error.problems
            hints.add(error.hint)
    twice = _duplicates(found)
    problems += twice
    hint = LENIENT if hints == {LENIENT} and not twice else ""
    found.sort(key=lambda dist: (dist.project, dist.version, dist.filename.text))
    return Reading(tuple(found), InvalidDistribution(problems, hint=hint) if problems else None)


def read_distributions(
    paths: Sequence[Path], reporter: Reporter | None = None, *, lenient: bool = False
) -> tuple[Distribution, ...]:
    """Read every file as read_each does. Raises InvalidDistribution with the problems of all of them together."""
    reading = read_each(paths, reporter, lenient=lenient)
    if reading.error is not None:
        raise reading.error
    return reading.dists


def _duplicates(dists: Sequence[Distribution]) -> list[tuple[str, str]]:
    first: dict[tuple[object, ...], Distribution] = {}
    problems = []
    for dist in dists:
        other = first.setdefault(dist.filename.key, dist)
        if other is not dist:
            problems.append((dist.path.name, f"is given twice: {other.path} names the same distribution"))
    return problems
