"""What `dipmp mirror` does, in its order: choose, look, download, check, show, ask, publish, report."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.filesize import decimal

from dipmp_lib.distributions.findings import Finding
from dipmp_lib.errors import InvalidDistribution
from dipmp_lib.http import Fetcher
from dipmp_lib.publish.mirror.choose import ChosenFiles, MirrorRequest, choose
from dipmp_lib.publish.mirror.downloads import Collector, DownloadCache, total_size
from dipmp_lib.publish.mirror.resolve import Resolver
from dipmp_lib.publish.mirror.source import IndexUrl, SourceClient, SourceIndex

from ...terminal.console import ConsoleReporter, talk
from ...terminal.format import count

if TYPE_CHECKING:
    from dipmp_lib.distributions import Distribution
    from dipmp_lib.publish import Plan, Published
    from dipmp_lib.publish.mirror.survey import Survey
    from dipmp_lib.transactions import Quote

    from ...session.options import PublishContext
    from ...session.session import Session


@dataclass
class Mirroring:
    """One run. `strict` sends nothing where anything is refused; `refusals` grows by what will not be there."""

    desk: "PublishContext"
    source: IndexUrl
    strict: bool
    refusals: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._console = talk()
        self._reporter = ConsoleReporter(self._console)

    def run(self, wishes: MirrorRequest, cache: Path, cache_bytes: int, *, sdists: bool) -> None:
        """Mirror. Exits with 1 where anything was refused; raises what stops the whole."""
        from ...session.session import open_session

        session = open_session(self.desk.settings)
        index = SourceIndex(SourceClient(self.source, Fetcher()))
        with DownloadCache(cache, cache_bytes) as kept:
            collector = Collector(index, kept)
            selection = self._choose(wishes, Resolver(index.page, collector.dependencies, sdists))
            found = self._survey(session, selection)
            dists, broken = collector.distributions(found.new, self._reporter)
            self._refuse(broken)
            self._publish(session, found, dists)
        if self.refusals:
            self._say(f"{count(len(self.refusals), 'thing')} of what was asked for could not be mirrored: see above")
            raise typer.Exit(1)

    def _choose(self, wishes: MirrorRequest, resolver: Resolver) -> ChosenFiles:
        for target in wishes.targets:
            files = "files that fit it" if wishes.narrow else "every file of each release"
            self._say(f"mirroring {self.source} for {target.label}: {files}")
        if wishes.with_deps:
            self._say(
                "note: of each dependency the latest version that fits is taken; nothing is tried again (no "
                "backtracking)"
            )
        with self._reporter.task("Choosing versions", 1) as advance:
            selection = choose(wishes, resolver)
            advance(1)
        self._remark(selection.remarks)
        self._refuse(selection.refusals)
        return selection

    def _survey(self, session: "Session", selection: ChosenFiles) -> "Survey":
        from dipmp_lib.publish.mirror.survey import survey

        found = survey(session.publisher, selection.files, self._reporter)
        self._remark(found.remarks)
        self._refuse(found.refusals)
        self._say(
            f"{count(len(selection.files), 'file')} chosen: {len(found.listed)} in the registry already, "
            f"{len(found.new)} to come ({decimal(total_size(found.new))} as the index says)"
        )
        return found

    def _publish(self, session: "Session", found: "Survey", dists: "Sequence[Distribution]") -> None:
        from ...terminal.console import ask
        from ..publish.report import show_plan, show_result

        publisher, chain_id = session.publisher, session.publisher.writer.chain_id
        if self.strict and self.refusals:
            raise InvalidDistribution([each.problem for each in sorted(self.refusals)])
        plan = publisher.preview(dists, partly=True) if self.desk.dry_run else publisher.plan(dists, partly=True)
        quote = publisher.quote(plan)
        if dists:
            if not publisher.gateways:
                self._say("note: no IPFS_GATEWAY (or --gateway): nobody checks that files can be fetched")
            show_plan(self._console, plan, quote, chain_id, verbose=self.desk.verbose)
        published: list[Published] = []
        if plan.entries and not self.desk.dry_run:
            ask("Publish?", yes=self.desk.yes)
            session.signer.unlock()
            self._carry_over(session, dists, published)
            show_result(self._console, published, chain_id)
        if self.desk.as_json:
            self._write(plan, quote, published, found, chain_id)
        elif not plan.entries:
            typer.echo("Nothing to publish: the registry has every file that could be mirrored.")

    def _carry_over(self, session: "Session", dists: "Sequence[Distribution]", published: "list[Published]") -> None:
        from dipmp_lib.publish.mirror.survey import publish_each

        for each in publish_each(session.publisher, dists, self._reporter):
            if isinstance(each, Finding):
                self._refuse([each])
            else:
                published.append(each)

    def _write(
        self, plan: "Plan", quote: "Quote", published: "Sequence[Published]", found: "Survey", chain_id: int
    ) -> None:
        from ..publish.report import document

        result = document(
            plan,
            quote,
            published,
            chain_id=chain_id,
            index_url=self.desk.settings.index_url,
            dry_run=self.desk.dry_run,
        )
        result |= {
            "source": str(self.source),
            "already_listed": sorted(file.filename.text for file in found.listed),
            "refused": [{"subject": each.subject, "reason": each.clause} for each in self.refusals],
        }
        typer.echo(json.dumps(result, indent=2))

    def _remark(self, remarks: Sequence[str]) -> None:
        for remark in remarks:
            self._say(f"note: {remark}")

    def _refuse(self, refusals: Sequence[Finding]) -> None:
        for refusal in refusals:
            self._say(f"not mirrored: {refusal}")
        self.refusals += refusals

    def _say(self, line: str) -> None:
        printable = "".join(char if char.isprintable() else "\ufffd" for char in line)
        self._console.print(printable, soft_wrap=True)
