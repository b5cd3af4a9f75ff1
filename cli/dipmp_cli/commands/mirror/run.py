"""`dipmp mirror`: choose files, compare with the registry, download, check, show, ask, publish, report."""

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

    from ...session.context import PublishContext


@dataclass
class MirrorRun:
    """One run of `dipmp mirror`; `strict` publishes nothing if anything is refused. `refusals` collects reasons."""

    context: "PublishContext"
    source: IndexUrl
    strict: bool
    refusals: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._console = talk()
        self._reporter = ConsoleReporter(self._console)

    def run(self, request: MirrorRequest, cache: Path, cache_bytes: int, *, sdists: bool) -> None:
        """Mirror, with downloads kept in `cache`. Exits with 1 if anything was refused; raises InvalidDistribution if
        `strict`, and as SourceClient and Publisher do.
        """
        index = SourceIndex(SourceClient(self.source, Fetcher()))
        with DownloadCache(cache, cache_bytes) as downloads:
            collector = Collector(index, downloads)
            selection = self._choose(request, Resolver(index.page, collector.dependencies, sdists))
            survey = self._survey(selection)
            dists, broken = collector.distributions(survey.new, self._reporter)
            self._refuse(broken)
            self._publish(survey, dists)
        if self.refusals:
            self._say(f"{count(len(self.refusals), 'item')} could not be mirrored; see above")
            raise typer.Exit(1)

    def _choose(self, request: MirrorRequest, resolver: Resolver) -> ChosenFiles:
        for target in request.targets:
            files = "files that fit it" if request.narrow else "every file of each release"
            self._say(f"mirroring {self.source} for {target.label}: {files}")
        if request.with_deps:
            self._say("note: each dependency is taken in the latest version that fits, without backtracking")
        with self._reporter.task("Choosing versions", 1) as advance:
            selection = choose(request, resolver)
            advance(1)
        self._remark(selection.remarks)
        self._refuse(selection.refusals)
        return selection

    def _survey(self, selection: ChosenFiles) -> "Survey":
        from dipmp_lib.publish.mirror.survey import survey

        result = survey(self.context.publisher, selection.files, self._reporter)
        self._remark(result.remarks)
        self._refuse(result.refusals)
        self._say(
            f"{count(len(selection.files), 'file')} chosen: {len(result.listed)} in the registry already, "
            f"{len(result.new)} to download ({decimal(total_size(result.new))} according to the index)"
        )
        return result

    def _publish(self, survey: "Survey", dists: "Sequence[Distribution]") -> None:
        from ...terminal.console import ask
        from ..publish.report import show_no_gateway, show_plan, show_result

        publisher, chain_id = self.context.publisher, self.context.publisher.writer.chain_id
        if self.strict and self.refusals:
            raise InvalidDistribution([each.problem for each in sorted(self.refusals)])
        plan = (
            publisher.preview(dists, partly=True)
            if self.context.options.dry_run
            else publisher.plan(dists, partly=True)
        )
        quote = publisher.quote(plan)
        if dists:
            if not publisher.gateways:
                show_no_gateway(self._console)
            show_plan(self._console, plan, quote, chain_id, verbose=self.context.options.verbose)
        published: list[Published] = []
        if plan.entries and not self.context.options.dry_run:
            ask("Publish?", yes=self.context.options.yes)
            self.context.signer.unlock()
            self._carry_over(dists, published)
            show_result(self._console, published, chain_id)
        if self.context.options.as_json:
            self._write(plan, quote, published, survey, chain_id)
        elif not plan.entries:
            typer.echo("Nothing to publish: the registry has every file that could be mirrored.")

    def _carry_over(self, dists: "Sequence[Distribution]", published: "list[Published]") -> None:
        from dipmp_lib.publish.mirror.survey import publish_each

        for each in publish_each(self.context.publisher, dists, self._reporter):
            if isinstance(each, Finding):
                self._refuse([each])
            else:
                published.append(each)

    def _write(
        self, plan: "Plan", quote: "Quote", published: "Sequence[Published]", survey: "Survey", chain_id: int
    ) -> None:
        from ..publish.report import document

        result = document(
            plan,
            quote,
            published,
            chain_id=chain_id,
            index_url=self.context.settings.index_url,
            dry_run=self.context.options.dry_run,
        )
        result |= {
            "source": str(self.source),
            "already_listed": sorted(file.filename.text for file in survey.listed),
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
