"""Publishing what arrives before its tool gets an answer: 200 means that it is on chain and was read back.

One publish runs at a time. What arrives meanwhile waits and goes into the next one together, so tools that upload side
by side share transactions. The same bytes sent twice at once are one piece of work with one answer.
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
class _Ticket:
    """One file that waits for its answer, and the answer."""

    dist: Distribution
    result: AcceptedUpload | Exception | None = None


class PublishNow:
    """Publishes files as they come; `gather` are seconds to wait for more before each publish."""

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
        self._waiting: list[_Ticket] = []

    def take(self, dist: Distribution) -> AcceptedUpload:
        """Publish the file, or wait until another upload's publish has taken it along. Raises as the port says."""
        ticket = self._join(dist)
        with self._publishing:
            while ticket.result is None:
                self._sleep(self._gather)
                try:
                    self._publish(self._batch())
                finally:
                    self._publisher.close()
        if isinstance(ticket.result, Exception):
            raise ticket.result
        return ticket.result

    def finish(self) -> None:
        """Return when no publish is running."""
        with self._publishing:
            pass

    def _join(self, dist: Distribution) -> _Ticket:
        with self._guard:
            for ticket in self._waiting:
                if (ticket.dist.filename.text, ticket.dist.dag.sha256) == (dist.filename.text, dist.dag.sha256):
                    return ticket
            self._waiting.append(_Ticket(dist))
            return self._waiting[-1]

    def _batch(self) -> list[_Ticket]:
        """Return what waits; of several files that are one to installers the first, the others lose against it."""
        batch: dict[tuple[str, ...], _Ticket] = {}
        with self._guard:
            for ticket in self._waiting:
                batch.setdefault(ticket.dist.filename.key, ticket)
        return list(batch.values())

    def _publish(self, batch: Sequence[_Ticket]) -> None:
        dists = [ticket.dist for ticket in batch]
        try:
            plan = self._publisher.plan(dists)
            if plan.entries:
                self._watcher.planned(plan, self._publisher.quote(plan))
        except DipmpError as error:
            # One file of several may be the reason, and the others have nothing to do with it.
            if len(batch) == 1:
                self._settle(batch, error)
            for ticket in batch if len(batch) > 1 else ():
                self._publish([ticket])
            return
        except Exception as error:
            self._settle(batch, error)
            raise
        self._carry_out(plan, batch)

    def _carry_out(self, plan: Plan, batch: Sequence[_Ticket]) -> None:
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
            for ticket in batch:
                self._settle([ticket], sentences[ticket.dist.filename.text])

    def _settle(self, batch: Sequence[_Ticket], result: AcceptedUpload | Exception) -> None:
        with self._guard:
            for ticket in batch:
                ticket.result = result
                self._waiting.remove(ticket)


def _sentences(plan: Plan, published: Iterable[Published]) -> Iterable[tuple[str, AcceptedUpload]]:
    for file in plan.files:
        if file.action is FileAction.SKIP:
            yield file.dist.filename.text, listed(file.dist)
    for each in published:
        where = f"transaction 0x{each.receipt.transaction.hex()} in block {each.receipt.block}"
        for dist in each.entry.dists:
            name = dist.filename.text
            yield name, AcceptedUpload(UploadState.PUBLISHED, f"{name} is published: {where}")
