"""What a file needs to be installed, from its METADATA or PKG-INFO, as far as that is known before it is built."""

from dataclasses import dataclass

from packaging.metadata import parse_email
from packaging.requirements import InvalidRequirement, Requirement

MAX_REQUIREMENTS = 5_000
_MAX_TEXT = 4_096
_BEFORE_DYNAMIC = ("", "1.0", "1.1", "1.2", "2.0", "2.1")


@dataclass(frozen=True, slots=True)
class Needs:
    """A file's Requires-Dist. `known` is False where building it may say something else; `broken` does not parse."""

    requirements: tuple[Requirement, ...]
    known: bool
    broken: tuple[str, ...] = ()


def read_needs(metadata: bytes, *, wheel: bool) -> Needs:
    """Parse the dependencies. Total: what cannot be read is in `broken`, cut to 80 characters.

    An sdist's are known from metadata 2.2 on, unless it calls them dynamic (core metadata specification).
    """
    try:
        raw, _ = parse_email(metadata)
    except (UnicodeError, ValueError):
        return Needs((), known=False, broken=("its metadata",))
    requirements, broken = [], []
    for text in raw.get("requires_dist", [])[:MAX_REQUIREMENTS]:
        try:
            requirements.append(Requirement(text[:_MAX_TEXT]))
        except (InvalidRequirement, RecursionError):
            broken.append(ascii(text[:80]))
    dynamic = {field.lower() for field in raw.get("dynamic", [])}
    static = raw.get("metadata_version", "") not in _BEFORE_DYNAMIC and "requires-dist" not in dynamic
    return Needs(tuple(requirements), known=wheel or static, broken=tuple(broken))
