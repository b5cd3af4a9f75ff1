"""`dipmp bridge`: serve uploads until Ctrl-C, or run one tool and publish its uploads."""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import typer

from dipmp_lib.errors import InvalidInput, PublishError
from dipmp_lib.http.listen import listen_on, url_of
from dipmp_lib.publish import Plan, Published
from dipmp_lib.publish.bridge.app import Bridge, create_app, new_token
from dipmp_lib.publish.bridge.collect_first import CollectFirst
from dipmp_lib.publish.bridge.form import Bounds
from dipmp_lib.publish.bridge.pages import BridgePages
from dipmp_lib.publish.bridge.protocol import BridgeProtocol
from dipmp_lib.publish.bridge.publish_now import PublishNow
from dipmp_lib.publish.bridge.tools import commands, environment, without_secrets
from dipmp_lib.publish.bridge.upload_sink import UploadSink
from dipmp_lib.server.uvicorn import background, server
from dipmp_lib.transactions import Quote

from ...session.context import PublishContext
from ...terminal.console import ConsoleReporter, ask, talk
from ...terminal.format import count
from ..publish.command import publish_distributions
from ..publish.report import show_for_ever, show_plan, show_result

_PREFERRED_PORT = 5470


@dataclass
class BridgeRun:
    """One run of the bridge.

    `port` 0 is 5470, or a free one if that is taken; `gather` is in seconds, `max_size` in MiB.
    """

    context: PublishContext
    port: int
    gather: float
    max_size: int
    lenient: bool

    def serve(self) -> None:
        """Publish each upload before its answer, until SIGINT or SIGTERM."""
        if self.context.options.dry_run:
            raise InvalidInput(
                "--dry-run needs a tool to run", hint="for example: dipmp bridge --dry-run -- twine upload dist/*"
            )
        show_for_ever(talk())
        ask(
            f"Publish every file that is uploaded with the token to {self.context.settings.chain.registry}?",
            yes=self.context.options.yes,
        )
        self.context.signer.unlock()
        chain_id = self.context.publisher.writer.chain_id
        sink = PublishNow(
            self.context.publisher, ConsoleReporter(talk()), _ConsoleWatcher(chain_id), gather=self.gather
        )
        with _private_folder() as folder, listen_on(self.port, preferred=_PREFERRED_PORT) as listening:
            bridge = self._bridge(sink, folder)
            origin = url_of(listening)
            with suppress(KeyboardInterrupt):  # uvicorn raises the signal again when it has shut down
                server(
                    create_app(bridge),
                    requests=False,
                    ready=lambda: self._welcome(origin, bridge.token),
                    http=BridgeProtocol,
                ).run(sockets=[listening])
            sink.finish()

    def run(self, command: Sequence[str]) -> None:
        """Run a tool, then publish its uploads. Raises PublishError if the tool fails, InvalidInput if not found."""
        publisher = self.context.publisher
        with _private_folder() as folder:
            sink = CollectFirst(publisher, folder)
            bridge = self._bridge(sink, folder)
            listening = listen_on(self.port)
            with background(create_app(bridge), listening, http=BridgeProtocol) as origin:
                code = self._call(command, f"{origin}/legacy/", bridge.token)
            if code:
                left = f" ({count(len(sink.dists), 'file')} had been uploaded)" if sink.dists else ""
                raise PublishError(f"nothing was published: {command[0]} exited with code {code}{left}")
            if not sink.dists:
                talk().print("nothing to publish: no new file was uploaded", soft_wrap=True)
                return
            publish_distributions(self.context, sink.dists)

    def _call(self, command: Sequence[str], url: str, token: str) -> int:
        variables = without_secrets(os.environ, self.context.settings.hidden) | environment(url, token)
        try:
            # The tool's output is talk: stdout is for the result.
            return subprocess.run(command, env=variables, stdout=2, check=False).returncode  # noqa: S603
        except OSError as error:
            raise InvalidInput(f"{command[0]} cannot be run: {error.strerror}") from error

    def _bridge(self, sink: UploadSink, folder: Path) -> Bridge:
        publisher = self.context.publisher
        base = self.context.settings.index_url.partition("simple/")[0] or "/"
        pages = BridgePages(publisher.registry, publisher.address, base)
        bounds = Bounds(body=self.max_size << 20)
        return Bridge(token=new_token(), sink=sink, pages=pages, folder=folder, bounds=bounds, lenient=self.lenient)

    def _welcome(self, origin: str, token: str) -> None:
        url = f"{origin}/legacy/"
        if self.context.options.as_json:
            typer.echo(json.dumps({"url": url, "simple_url": f"{origin}/simple/", "token": token}))
            return
        typer.echo(
            f"Uploads to {url} are published to {self.context.settings.chain.registry} (Ctrl-C stops the bridge)",
            err=True,
        )
        typer.echo("In another terminal:", err=True)
        for line in commands(url, token):
            typer.echo(line)


class _ConsoleWatcher:
    """Shows the plan and the result of each publish."""

    def __init__(self, chain_id: int) -> None:
        self._chain_id = chain_id

    def planned(self, plan: Plan, quote: Quote) -> None:
        """Show the plan and its cost."""
        show_plan(talk(), plan, quote, self._chain_id, verbose=False)

    def published(self, published: tuple[Published, ...]) -> None:
        """Show the transactions and their costs."""
        show_result(talk(), published, self._chain_id)


@contextmanager
def _private_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="dipmp-bridge-") as folder:  # which mkdtemp makes for this user alone
        yield Path(folder)
