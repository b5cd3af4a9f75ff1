"""`make demo`: publish real packages and dipmp itself to a chain, and install them back with real pip and uv.

Every step is checked: the clients see no index but ours, every row of the closing table compares what was served with
the original, and with the server stopped the same installation has to fail.
"""

import hashlib
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from rich.console import Console
from rich.table import Table

from tests.support.files.real_dists import locked_dists, own_dists
from tests.support.programs.clients import Environment, make_environment
from tests.support.programs.dipmp import Dev, Publisher, dipmp_dev
from tests.support.waiting import HANGS

CLIENTS = ("pip-newest", "uv")
REQUIREMENTS = ("dipmp-pkg", "requests", "rich", "pillow", "tomli-w", "--no-binary", "tomli-w")
IMPORTS = "import dipmp_lib, dipmp_cli, web3, requests, rich, PIL.Image, tomli_w"
JSON = "application/vnd.pypi.simple.v1+json"
console = Console(highlight=False, width=None if sys.stdout.isatty() else 110)


class DemoError(Exception):
    """A step did not do what it has to."""


@dataclass(frozen=True)
class Row:
    """One published file in the closing table."""

    package: str
    version: str
    publisher: str
    size: int
    gas: int
    same: bool


def step(text: str) -> None:
    """Say what happens next."""
    console.print(f"[bold]==>[/] {text}")


def unique(*groups: Sequence[Path]) -> list[Path]:
    """One path per file name, in order of appearance."""
    return list({path.name: path for group in groups for path in group}.values())


def publish(dev: Dev, dists: Sequence[Path], home: Path) -> dict[str, Any]:
    """Publish everything with one command and return its document."""
    publisher = Publisher(dev.registry, dev.rpc_url, dev.gateway_url, dev.pinner, dev.signer, home, dev.index_url)
    done = publisher("--yes", "--json", *dists)
    if done.returncode:
        raise DemoError(done.stderr)
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def install(dev: Dev, client: str, folder: Path) -> None:
    """Install in a fresh environment, from our index alone, and run what was installed."""
    environment = make_environment(folder / client, client)
    done = environment.install(dev.index_url, *REQUIREMENTS)
    if done.code:
        raise DemoError(done.text)
    check_origin(environment, dev)
    imported = environment.run(environment.python, "-c", IMPORTS)
    version = environment.script("dipmp", "--version")
    if imported.code or version.code:
        raise DemoError(imported.text + version.text)
    console.print(f"    {client}: installed and imported; it says [green]{version.out.strip()}[/]")


def check_origin(environment: Environment, dev: Dev) -> None:
    """pip reports where every file came from."""
    if environment.client == "uv":
        return
    ours = dev.index_url.partition("/simple/")[0] + "/files/"
    strangers = [url for url in environment.download_urls() if not url.startswith(ours)]
    if strangers:
        raise DemoError(f"downloaded from elsewhere: {strangers}")


def served(dev: Dev, project: str, filename: str) -> tuple[dict[str, Any], str]:
    """Return one file's entry in the index, and the sha256 of the bytes behind its URL."""
    page = f"{dev.index_url}{project}/"
    files = requests.get(page, headers={"Accept": JSON}, timeout=HANGS).json()["files"]
    (entry,) = [item for item in files if item["filename"] == filename]
    body = requests.get(requests.compat.urljoin(page, entry["url"]), timeout=120)
    body.raise_for_status()
    return entry, hashlib.sha256(body.content).hexdigest()


def compare(dev: Dev, document: dict[str, Any], dists: Sequence[Path]) -> list[Row]:
    """Compare what is served with the original files."""
    gas = {name: item["gas_used"] for item in document["transactions"] for name in item["files"]}
    originals = {path.name: path for path in dists}
    rows = []
    for item in document["files"]:
        entry, digest = served(dev, item["project"], item["filename"])
        original = originals[item["filename"]]
        expected = hashlib.sha256(original.read_bytes()).hexdigest()
        same = digest == entry["hashes"]["sha256"] == expected and entry["size"] == original.stat().st_size
        publisher = entry["_dipmp"]["publisher"]
        rows.append(Row(item["project"], item["version"], publisher, entry["size"], gas[item["filename"]], same))
    return rows


def show(rows: Sequence[Row]) -> None:
    """Print the closing table."""
    table = Table("package", "version", "publisher", "size", "gas", "sha256 = original", caption="gas: of the release")
    table.columns[0].overflow = "fold"
    for row in sorted(rows, key=lambda row: (row.package, row.version)):
        verdict = "[green]yes[/]" if row.same else "[red]NO[/]"
        publisher = f"{row.publisher[:6]}…{row.publisher[-4:]}"
        table.add_row(row.package, row.version, publisher, f"{row.size:,}", f"{row.gas:,}", verdict)
    console.print(table)


def run(folder: Path) -> None:
    """The whole demonstration."""
    step("getting real packages with pip, and building dipmp-pkg from this checkout")
    dists = unique(locked_dists("demo"), locked_dists("base"), own_dists())
    step("starting `dipmp dev`: an embedded chain, block store, registry and index server")
    with dipmp_dev(folder / "dev") as dev:
        console.print(f"    {dev.index_url}")
        step(f"publishing {len(dists)} files (this signs and mines one transaction per release)")
        document = publish(dev, dists, folder / "publisher")
        step("installing them back, in fresh environments that know no other index")
        for client in CLIENTS:
            install(dev, client, folder)
        step("comparing every served file with its original")
        rows = compare(dev, document, dists)
        show(rows)
    if len(rows) != len(dists) or not all(row.same for row in rows):
        raise DemoError("a row of the table is not yes")
    step("with the server stopped, the same installation fails")
    offline = make_environment(folder / "offline", "pip-newest")
    if offline.install(dev.index_url, "requests").code == 0:
        raise DemoError("the installation worked without our server, so it never used it")
    console.print(f"[green bold]all {len(rows)} files went to the chain and came back byte for byte[/]")


def main() -> int:
    """Run it in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="dipmp-demo-") as folder:
        try:
            run(Path(folder))
        except DemoError as error:
            console.print(f"the demo failed: {error}", markup=False)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
