"""The number of examples of a property, by the hypothesis profile (tests/conftest.py)."""

from hypothesis import settings

USUAL = 100


def examples(count: int) -> int:
    """Return `count`, the number of a usual run, scaled by the profile."""
    profile = settings.default or settings()
    return max(1, count * profile.max_examples // USUAL)
