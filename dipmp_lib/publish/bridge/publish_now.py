"""Upload sink that publishes each file before the tool gets its response: 200 means on chain and read back.

One publish runs at a time. Files that arrive meanwhile are published together in the next one, so parallel uploads
share transactions. The same bytes sent twice at once are published once, with one response for both.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ...distributions import Distribution
from ...errors import DipmpError, GatewayError, PinnerError, PublishError, TransactionError
from ...progress import Reporter
from ...transactions import AGAIN
from .. import FileAction, Plan, Published
from .upload_sink import AcceptedUpload, Publishing, UploadState, Watcher, listed

_SAYS_WHAT_IS_SENT = (PublishError, PinnerError, GatewayError)


@dataclass(slots=True, eq=False)
class _PendingUpload:
    """One file, and its result once there is one."""

    dist: Distribution
    result: AcceptedUpload | Exception | None = None


class PublishNow:
    """Publishes files as they arrive; before each publish it waits `gather` seconds for more."""

    def __init__(
        self,
        publisher: Publishing,
        reporter: Reporter,
        watcher: Watcher,
        *,
        gather: float = 0.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._publisher, self._reporter, self._watcher = publisher, reporter, watcher
        self._gather, self._sleep = gather, sleep
        self._publishing, self._guard = threading.Lock(), threading.Lock()
        self._waiting: list[_PendingUpload] = []

    def take(self, dist: Distribution) -> AcceptedUpload:
        """Publish the file, or wait for the publish that includes it. Raises as UploadSink says."""
        pending = self._join(dist)
        with self._publishing:
            while pending.result is None:
                self._sleep(self._gather)
                try:
                    self._publish(self._batch())
                finally:
                    self._publisher.close()
        if isinstance(pending.result, Exception):
            raise pending.result
        return pending.result

    def finish(self) -> None:
        """Wait for the end of a running publish."""
        with self._publishing:
            pass

    def _join(self, dist: Distribution) -> _PendingUpload:
        with self._guard:
            for pending in self._waiting:
                if (pending.dist.filename.text, pending.dist.dag.sha256) == (dist.filename.text, dist.dag.sha256):
                    return pending
            self._waiting.append(_PendingUpload(dist))
            return self._waiting[-1]

    def _batch(self) -> list[_PendingUpload]:
        """Return the waiting uploads; of several files that are the same to installers only the first."""
        batch: dict[tuple[str, ...], _PendingUpload] = {}
        with self._guard:
            for pending in self._waiting:
                batch.setdefault(pending.dist.filename.key, pending)
        return list(batch.values())

    def _publish(self, batch: Sequence[_PendingUpload]) -> None:
        dists = [pending.dist for pending in batch]
        try:
            plan = self._publisher.plan(dists)
            if plan.entries:
                self._watcher.planned(plan, self._publisher.quote(plan))
        except DipmpError as error:
            # One file of several may be the reason, and must not fail the others.
            if len(batch) == 1:
                self._settle(batch, error)
            for pending in batch if len(batch) > 1 else ():
                self._publish([pending])
            return
        except Exception as error:
            self._settle(batch, error)
            raise
        self._carry_out(plan, batch)

    def _carry_out(self, plan: Plan, batch: Sequence[_PendingUpload]) -> None:
        try:
            published = self._publisher.publish(plan, self._reporter) if plan.entries else ()
        except _SAYS_WHAT_IS_SENT as error:
            self._settle(batch, error)
        except DipmpError as error:
            doubt = TransactionError(f"{error} (the transaction may be on its way)", hint=error.hint or AGAIN)
            doubt.__cause__ = error
            self._settle(batch, doubt)
        except Exception as error:
            self._settle(batch, error)
            raise
        else:
            self._watcher.published(published)
            sentences = dict(_sentences(plan, published))
            for pending in batch:
                self._settle([pending], sentences[pending.dist.filename.text])

    def _settle(self, batch: Sequence[_PendingUpload], result: AcceptedUpload | Exception) -> None:
        with self._guard:
            for pending in batch:
                pending.result = result
                self._waiting.remove(pending)


def _sentences(plan: Plan, published: Iterable[Published]) -> Iterable[tuple[str, AcceptedUpload]]:
    for file in plan.files:
        if file.action is FileAction.SKIP:
            yield file.dist.filename.text, listed(file.dist)
    for each in published:
        where = f"transaction 0x{each.receipt.transaction.hex()} in block {each.receipt.block}"
        for dist in each.entry.dists:
            name = dist.filename.text
            yield name, AcceptedUpload(UploadState.PUBLISHED, f"{name} is published: {where}")
