"""What a cache gives, and for how long."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..model import Project, ProjectList
from ..names import ProjectName, RegistryAddress

FRESHNESS = 2.0
"""Seconds; Base and other layer-2 chains make a block every 2 s, so a shorter time sees little that is newer."""
ABSENT_PROJECT = 2.0
ABSENT_REGISTRY = 30.0
FAILURE = 1.0
MAX_STALE = 24 * 3600.0

T_co = TypeVar("T_co", covariant=True)
Page = Project | ProjectList
LastKnown = Callable[[RegistryAddress, ProjectName | None], tuple[Page, float] | None]
"""Returns a stored page, or for None the project list, and the unix time at which the chain last said so."""


@dataclass(frozen=True, slots=True)
class Served(Generic[T_co]):
    """An answer and how old it is.

    `age` is the number of seconds since the chain last said so. `stale` means that the chain could not be asked again
    when it should have been, and `reason` why, for a person.
    """

    value: T_co
    age: float
    stale: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """Seconds for which an answer is given again without asking, and (`stale`) when it cannot be asked for.

    `failure` is how long a failed attempt stands before the next one.
    """

    fresh: float = FRESHNESS
    absent_project: float = ABSENT_PROJECT
    absent_registry: float = ABSENT_REGISTRY
    failure: float = FAILURE
    stale: float = MAX_STALE
