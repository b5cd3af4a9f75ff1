"""Publishing what was collected, project by project, so that one refused name stops none of the others."""

from collections.abc import Iterator, Sequence

from ..dist import Distribution
from ..errors import CallRefused, PublishError
from ..progress import Reporter
from ..publish import Published, Publisher
from .refusal import Refusal, clause


def carry_over(
    publisher: Publisher, dists: Sequence[Distribution], reporter: Reporter
) -> Iterator[Published | Refusal]:
    """Publish each project's files, in the order of `dists`, and yield what became of its releases.

    The account is held already: all of them together were planned and priced before.
    Each project is planned again just before: what somebody published meanwhile is skipped, or refused. Raises as
    Publisher.publish for everything that would stop the next project, too.
    """
    groups: dict[str, list[Distribution]] = {}
    for dist in dists:
        groups.setdefault(dist.project, []).append(dist)
    for name, group in groups.items():
        try:
            plan = publisher.look(group)
        except PublishError as error:
            yield clause(name, error)
            continue
        try:
            yield from publisher.publish(plan, reporter)
        except CallRefused as error:
            yield clause(name, error)
