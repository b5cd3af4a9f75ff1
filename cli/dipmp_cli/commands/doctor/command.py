"""`dipmp doctor` itself."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ...session.options import ChainId, Gateway, Json, PasswordFile, Pinner, Registry, Rpc, SignerUri

if TYPE_CHECKING:
    from ...settings.settings import Flags

_Projects = Annotated[
    list[str] | None, typer.Argument(metavar="PROJECTS", help="Whose roles to look up. [pyproject.toml's own]")
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
    """Try everything that a publish needs, and say what to do where something is wrong.

    Sends no transaction and needs no password. Pins one block of 56 bytes, always the same.
    """
    from ...settings.settings import Flags

    flags = Flags(
        registry=registry,
        rpc=rpc or (),
        chain_id=chain_id,
        gateway=gateway or (),
        pinner=pinner or (),
        signer=signer,
        password_file=password_file,
    )
    if not _examine(flags, projects or (), as_json=as_json):
        raise typer.Exit(1)


def _examine(flags: "Flags", projects: Sequence[str], *, as_json: bool) -> bool:
    """Show what is found, and tell whether nothing fails."""
    import os
    from pathlib import Path

    from ...settings import read_layers
    from .finding import CheckResult, Verdict
    from .run import examine

    layers = read_layers(os.environ, Path.cwd())
    findings: list[CheckResult] = []
    for finding in examine(flags, layers, projects or _own_project(layers.files)):
        findings.append(finding)
        if not as_json:
            _show(finding.verdict, finding.check, finding.text, finding.step)
    well = all(each.verdict is not Verdict.FAIL for each in findings)
    if as_json:
        checks = [
            {"check": each.check, "verdict": str(each.verdict), "text": each.text, "next": each.step or None}
            for each in findings
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
    """Return the name of the project around, where there is one: to look up its roles does no harm."""
    from pathlib import Path

    from dipmp_lib.errors import DipmpError

    from ...settings.config_file import read_toml

    path = files.get("pyproject")
    try:
        project = read_toml(path).document.get("project") if isinstance(path, Path) else None
    except DipmpError:
        return []  # which the settings say already
    name = project.get("name") if isinstance(project, dict) else None
    return [name] if isinstance(name, str) else []
