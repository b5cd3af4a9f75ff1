"""`dipmp sync`: one run of the scheduled synchronisation."""

from typing import Annotated

import typer


def sync_command(
    seconds: Annotated[float, typer.Option(min=1, help="Start nothing new after this many seconds.")] = 300.0,
) -> None:
    """Copy the pinned registries to the storage that servers use in an outage; print a summary as JSON.

    Reads DIPMP_PINNED; writes to the table DIPMP_TABLE and the bucket DIPMP_BUCKET. Exits with 1 if anything could not
    be read.
    """
    import json
    import os
    import sys

    from dipmp_lib.errors import InvalidInput

    try:
        from dipmp_lib.server.metrics import JsonLines, Warnings
        from dipmp_lib.server.settings import Settings
        from dipmp_lib.server.sync.compose import build_sync
    except ModuleNotFoundError as error:
        raise InvalidInput(f"{error.name} is not installed", hint="pip install 'dipmp-pkg[aws]'") from error
    settings = Settings.from_env(os.environ)
    telemetry = JsonLines(sys.stderr, "sync") if settings.log == "json" else Warnings()
    summary = build_sync(settings, telemetry).run(seconds)
    typer.echo(json.dumps(summary.document(), indent=1))
    if summary.problems:
        raise typer.Exit(1)
