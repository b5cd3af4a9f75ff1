"""`dipmp doctor`: its options and its output."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ...session.options import ChainId, Gateway, Json, PasswordFile, Pinner, Registry, Rpc, SignerUri, make_flags

if TYPE_CHECKING:
    from ...settings.settings import Flags

_Projects = Annotated[
    list[str] | None,
    typer.Argument(metavar="PROJECTS", show_default="that of pyproject.toml", help="Projects whose roles to check."),
]


def doctor(  # noqa: PLR0913 - one per option
    projects: _Projects = None,
    *,
    registry: Registry = None,
    rpc: Rpc = None,
    chain_id: ChainId = None,
    gateway: Gateway = None,
    pinner: Pinner = None,
    signer: SignerUri = None,
    password_file: PasswordFile = None,
    as_json: Json = False,
) -> None:
    """Check everything that a publish needs, and show the next step for each problem.

    Sends no transaction and needs no password. Pins one block of 56 bytes, always the same.
    """
    flags = {
        "registry": registry,
        "rpc": rpc,
        "chain_id": chain_id,
        "gateway": gateway,
        "pinner": pinner,
        "signer": signer,
        "password_file": password_file,
    }
    if not _run(make_flags(flags), projects or (), as_json=as_json):
        raise typer.Exit(1)


def _run(flags: "Flags", projects: Sequence[str], *, as_json: bool) -> bool:
    """Show the results, and return whether no check failed."""
    import os
    from pathlib import Path

    from ...settings import read_layers
    from .check_result import CheckResult, Verdict
    from .run import run_checks

    layers = read_layers(os.environ, Path.cwd())
    results: list[CheckResult] = []
    for result in run_checks(flags, layers, projects or _own_project(layers.files)):
        results.append(result)
        if not as_json:
            _show(result.verdict, result.check, result.text, result.step)
    well = all(each.verdict is not Verdict.FAIL for each in results)
    if as_json:
        checks = [
            {"check": each.check, "verdict": str(each.verdict), "text": each.text, "next": each.step or None}
            for each in results
        ]
        typer.echo(json.dumps({"ok": well, "checks": checks}, indent=2))
    return well


def _show(verdict: str, check: str, text: str, step: str) -> None:
    from ...terminal.format import plain

    colour = {"ok": "green", "warn": "yellow", "fail": "red"}[verdict]
    typer.echo(f"{typer.style(f'{verdict:<4}', fg=colour)}  {plain(check)}: {plain(text)}")
    if step:
        typer.echo(f"      next: {plain(step)}")


def _own_project(files: Mapping[str, object]) -> list[str]:
    """Return the name of the project in the nearest pyproject.toml, if it has one."""
    from pathlib import Path

    from dipmp_lib.errors import DipmpError

    from ...settings.config_file import read_toml

    path = files.get("pyproject")
    try:
        project = read_toml(path).document.get("project") if isinstance(path, Path) else None
    except DipmpError:
        return []  # the check of the settings reports it
    name = project.get("name") if isinstance(project, dict) else None
    return [name] if isinstance(name, str) else []
