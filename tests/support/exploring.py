"""How many examples of a property are tried, which the profile decides (tests/conftest.py)."""

from hypothesis import settings

USUAL = 100


def examples(count: int) -> int:
    """Return how many to try where `count` are right in a usual run, in the proportion of the profile."""
    profile = settings.default or settings()
    return max(1, count * profile.max_examples // USUAL)
