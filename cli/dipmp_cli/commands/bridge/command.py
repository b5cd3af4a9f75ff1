"""`dipmp bridge`: the upload API of PyPI on loopback, so that twine, uv, Poetry, Flit and Hatch publish unchanged."""

from typing import TYPE_CHECKING, Annotated

import typer

from ...session.options import publishes
from ..publish.command import Lenient

if TYPE_CHECKING:
    from ...session.context import PublishContext
    from .run import BridgeRun

_Command = Annotated[
    list[str] | None, typer.Argument(metavar="-- TOOL ARGUMENTS", help="Command to run, e.g. -- twine upload dist/*")
]
_Port = Annotated[int, typer.Option(min=0, max=65535, show_default="5470, or a free one", help="Port to listen on.")]
_Gather = Annotated[float, typer.Option(min=0, max=60, help="Seconds to wait for further files before each publish.")]
_MaxSize = Annotated[int, typer.Option(metavar="MIB", min=1, help="Maximum size of an upload.")]


@publishes
def bridge(
    context: "PublishContext",
    command: _Command = None,
    *,
    port: _Port = 0,
    gather: _Gather = 0.0,
    max_size: _MaxSize = 2048,
    lenient: Lenient = False,
) -> None:
    """Publish the files that twine, uv, Poetry, Flit or Hatch upload.

    With a tool's command, run it in the environment that it needs, then publish all its uploads if it succeeded.
    Without one, serve until Ctrl-C and publish each upload before answering it.
    """
    run = _bridge_run()(context, port, gather=gather, max_size=max_size, lenient=lenient)
    if command:
        run.run(command)
    else:
        run.serve()


def _bridge_run() -> "type[BridgeRun]":
    try:
        from .run import BridgeRun
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in {"dipmp_lib", "dipmp_cli"}:
            raise
        from dipmp_lib.errors import InvalidInput

        raise InvalidInput(f"{error.name} is not installed", hint="pip install 'dipmp-pkg[bridge]'") from error
    return BridgeRun
