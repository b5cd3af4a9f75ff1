"""Upload sink that collects files until the tool has ended, so that a release is one transaction.

The status 202 says that a file is checked and kept, and not on chain yet. A file that publishing would refuse is
refused at once, while the tool can show it.
"""

import threading
from dataclasses import replace
from pathlib import Path

from ...distributions import Distribution
from ...errors import Conflict
from .. import FileAction
from .upload_sink import AcceptedUpload, Publishing, UploadState, listed


class CollectFirst:
    """Collects files in `folder`, which has to be private, and on the file system of the received uploads."""

    def __init__(self, publisher: Publishing, folder: Path) -> None:
        self._publisher, self._folder = publisher, folder
        self._guard = threading.Lock()
        self._collected: dict[tuple[str, ...], Distribution] = {}

    @property
    def dists(self) -> tuple[Distribution, ...]:
        """The collected files, in the order of their arrival."""
        with self._guard:
            return tuple(self._collected.values())

    def take(self, dist: Distribution) -> AcceptedUpload:
        """Collect the file unless the registry lists it. Raises as UploadSink says."""
        with self._guard:
            other = self._collected.get(dist.filename.key)
            if other is not None and other.dag.sha256 != dist.dag.sha256:
                raise Conflict(
                    f"{dist.filename.text} was uploaded a moment ago with other bytes: sha256 now "
                    f"{dist.dag.sha256.hex()}, then {other.dag.sha256.hex()}",
                    hint="remove one of the two and start again",
                )
            if other is not None:
                return _collected_answer(dist)
            plan = self._publisher.preview([dist])
            if plan.files[0].action is FileAction.SKIP:
                return listed(dist)
            self._collect(dist)
            return _collected_answer(dist)

    def _collect(self, dist: Distribution) -> None:
        path = self._folder / dist.path.name
        dist.path.rename(path)
        self._collected[dist.filename.key] = replace(dist, path=path)


def _collected_answer(dist: Distribution) -> AcceptedUpload:
    return AcceptedUpload(
        UploadState.COLLECTED, f"{dist.filename.text} is checked and kept, and will be published when the command ends"
    )
