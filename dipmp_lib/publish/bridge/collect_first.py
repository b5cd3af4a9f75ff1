"""Keeping what arrives until the tool has ended, so that a release is one transaction however its files are sent.

202 says just that: checked and kept, and not on chain. What would be refused is refused while the tool can show it.
"""

import threading
from dataclasses import replace
from pathlib import Path

from ...distributions import Distribution
from ...errors import Conflict
from .. import FileAction
from .upload_sink import AcceptedUpload, Publishing, UploadState, listed


class CollectFirst:
    """Keeps files in `folder`, which has to be private and on one file system with where uploads arrive."""

    def __init__(self, publisher: Publishing, folder: Path) -> None:
        self._publisher, self._folder = publisher, folder
        self._guard = threading.Lock()
        self._kept: dict[tuple[str, ...], Distribution] = {}

    @property
    def dists(self) -> tuple[Distribution, ...]:
        """What is kept, in the order of its arrival."""
        with self._guard:
            return tuple(self._kept.values())

    def take(self, dist: Distribution) -> AcceptedUpload:
        """Keep the file unless it is listed already. Raises as the port says."""
        with self._guard:
            other = self._kept.get(dist.filename.key)
            if other is not None and other.dag.sha256 != dist.dag.sha256:
                raise Conflict(
                    f"{dist.filename.text} was uploaded a moment ago with other bytes: sha256 now "
                    f"{dist.dag.sha256.hex()}, then {other.dag.sha256.hex()}",
                    hint="remove one of the two and start again",
                )
            if other is not None:
                return _kept(dist)
            made = self._publisher.look([dist])
            if made.files[0].action is FileAction.SKIP:
                return listed(dist)
            self._keep(dist)
            return _kept(dist)

    def _keep(self, dist: Distribution) -> None:
        path = self._folder / dist.path.name
        dist.path.rename(path)
        self._kept[dist.filename.key] = replace(dist, path=path)


def _kept(dist: Distribution) -> AcceptedUpload:
    return AcceptedUpload(
        UploadState.KEPT, f"{dist.filename.text} is checked and kept, and will be published when the command ends"
    )
