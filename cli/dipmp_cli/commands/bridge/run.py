"""The two ways to bridge: serving until Ctrl-C, and running one tool."""

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
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

from ...session.options import PublishContext
from ...session.session import Session, open_session
from ...terminal.console import ConsoleReporter, ask, talk
from ...terminal.format import count
from ..publish.command import publish_distributions
from ..publish.report import show_plan, show_result

_PREFERRED_PORT = 5470


@dataclass
class Bridging:
    """One bridge. `port` 0 takes the usual one, or a free one."""

    desk: PublishContext
    port: int
    gather: float
    max_size: int
    lenient: bool

    @cached_property
    def session(self) -> Session:
        """The publisher and its key."""
        return open_session(self.desk.settings)

    def serve(self) -> None:
        """Publish each upload before its answer, until SIGINT or SIGTERM."""
        if self.desk.dry_run:
            raise InvalidInput(
                "--dry-run needs a tool to run", hint="as in: dipmp bridge --dry-run -- twine upload dist/*"
            )
        ask(f"Publish to {self.desk.settings.registry} whatever is uploaded with the token?", yes=self.desk.yes)
        self.session.signer.unlock()
        chain_id = self.session.publisher.writer.chain_id
        sink = PublishNow(
            self.session.publisher, ConsoleReporter(talk()), _ConsoleWatcher(chain_id), gather=self.gather
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
        """Run a tool, then publish what it uploaded. Raises PublishError if the tool did not end well."""
        publisher = self.session.publisher
        with _private_folder() as folder:
            sink = CollectFirst(publisher, folder)
            bridge = self._bridge(sink, folder)
            listening = listen_on(self.port)
            with background(create_app(bridge), listening, http=BridgeProtocol) as origin:
                code = self._call(command, f"{origin}/legacy/", bridge.token)
            if code:
                left = f" ({count(len(sink.dists), 'file')} had arrived)" if sink.dists else ""
                raise PublishError(f"nothing was published: {command[0]} ended with {code}{left}")
            if not sink.dists:
                talk().print("nothing to publish: no file arrived that is not published already", soft_wrap=True)
                return
            publish_distributions(self.session, self.desk, sink.dists)

    def _call(self, command: Sequence[str], url: str, token: str) -> int:
        variables = without_secrets(os.environ, self.desk.settings.hidden) | environment(url, token)
        try:
            # The tool's output is talk: stdout is for the result.
            return subprocess.run(command, env=variables, stdout=2, check=False).returncode  # noqa: S603
        except OSError as error:
            raise InvalidInput(f"{command[0]} cannot be run: {error.strerror}") from error

    def _bridge(self, sink: UploadSink, folder: Path) -> Bridge:
        publisher = self.session.publisher
        base = self.desk.settings.index_url.partition("simple/")[0] or "/"
        pages = BridgePages(publisher.registry, publisher.address, base)
        bounds = Bounds(body=self.max_size << 20)
        return Bridge(token=new_token(), sink=sink, pages=pages, folder=folder, bounds=bounds, lenient=self.lenient)

    def _welcome(self, origin: str, token: str) -> None:
        url = f"{origin}/legacy/"
        if self.desk.as_json:
            typer.echo(json.dumps({"url": url, "simple_url": f"{origin}/simple/", "token": token}))
            return
        typer.echo(
            f"Uploads to {url} are published to {self.desk.settings.registry} (Ctrl-C stops the bridge)", err=True
        )
        typer.echo("In another terminal:", err=True)
        for line in commands(url, token):
            typer.echo(line)


class _ConsoleWatcher:
    """Shows what is published."""

    def __init__(self, chain_id: int) -> None:
        self._chain_id = chain_id

    def planned(self, plan: Plan, quote: Quote) -> None:
        """Show the plan and its cost."""
        show_plan(talk(), plan, quote, self._chain_id, verbose=False)

    def published(self, published: tuple[Published, ...]) -> None:
        """Show what is on chain."""
        show_result(talk(), published, self._chain_id)


@contextmanager
def _private_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="dipmp-bridge-") as folder:  # which mkdtemp makes for this user alone
        yield Path(folder)
