"""The order of PEP 440 versions in normal form, as `File.version` holds them. Pure, in linear time."""

import re
from functools import lru_cache
from typing import TypeAlias

Order: TypeAlias = tuple[tuple[int | str, ...], ...]
"""Compares as its version does."""

_NORMAL = re.compile(
    r"(?:(?P<epoch>[0-9]+)!)?(?P<release>[0-9]+(?:\.[0-9]+)*)(?:(?P<pre>a|b|rc)(?P<pre_n>[0-9]+))?"
    r"(?:\.post(?P<post>[0-9]+))?(?:\.dev(?P<dev>[0-9]+))?(?:\+(?P<local>[a-z0-9.]+))?"
)
_LAST: Order = ()
_MAX_TEXT = 512


@lru_cache(16_384)  # the files of a release have one version
def version_order(normal: str) -> Order:
    """Return a sort key; what is no version in normal form sorts before all that are."""
    match = _NORMAL.fullmatch(normal) if len(normal) <= _MAX_TEXT else None
    if match is None:
        return _LAST
    release = [int(part) for part in match["release"].split(".")]
    while release and release[-1] == 0:
        release.pop()
    return (
        (int(match["epoch"] or 0),),
        tuple(release),
        _pre(match),
        (-1,) if match["post"] is None else (int(match["post"]),),
        (1,) if match["dev"] is None else (0, int(match["dev"])),
        _local(match["local"] or ""),
    )


def is_prerelease(normal: str) -> bool:
    """Tell whether installers pass over the version unless told not to (PEP 440, "Handling of pre-releases")."""
    match = _NORMAL.fullmatch(normal) if len(normal) <= _MAX_TEXT else None
    return match is not None and bool(match["pre"] or match["dev"])


def _pre(match: re.Match[str]) -> tuple[int | str, ...]:
    """A bare dev release comes before the first alpha, and every pre-release before the release itself."""
    if match["pre"]:
        return (0, match["pre"], int(match["pre_n"]))
    return (-1,) if match["dev"] and match["post"] is None else (1,)


def _local(label: str) -> tuple[int | str, ...]:
    """Numbers come after words, and any label after none."""
    parts: list[int | str] = []
    for part in label.split(".") if label else ():
        parts += (1, int(part), "") if part.isdigit() else (0, 0, part)
    return tuple(parts)
