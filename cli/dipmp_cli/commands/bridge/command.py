"""`dipmp bridge`: the upload API of PyPI on loopback, so that twine, uv, Poetry, Flit and Hatch publish unchanged."""

from typing import TYPE_CHECKING, Annotated

import typer

from ...session.options import publishes
from ..publish.command import Lenient

if TYPE_CHECKING:
    from ...session.options import PublishContext
    from .run import Bridging

_Command = Annotated[
    list[str] | None, typer.Argument(metavar="-- TOOL ARGUMENTS", help="As in: -- twine upload dist/*")
]
_Port = Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on. [5470, or a free one]")]
_Gather = Annotated[float, typer.Option(min=0, max=60, help="Seconds to wait for further files before each publish.")]
_MaxSize = Annotated[int, typer.Option(metavar="MIB", min=1, help="Largest upload that is read.")]


@publishes
def bridge(
    desk: "PublishContext",
    command: _Command = None,
    *,
    port: _Port = 0,
    gather: _Gather = 0.0,
    max_size: _MaxSize = 2048,
    lenient: Lenient = False,
) -> None:
    """Publish what twine, uv, Poetry, Flit or Hatch upload.

    With a tool's command, run it with the right environment, and publish all that it uploaded when it has ended well.
    Without, serve until Ctrl-C and publish each upload before its answer.
    """
    way = _bridging()(desk, port, gather=gather, max_size=max_size, lenient=lenient)
    if command:
        way.run(command)
    else:
        way.serve()


def _bridging() -> "type[Bridging]":
    try:
        from .run import Bridging
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in {"dipmp_lib", "dipmp_cli"}:
            raise
        from dipmp_lib.errors import InvalidInput

        raise InvalidInput(f"{error.name} is not installed", hint="pip install 'dipmp-pkg[bridge]'") from error
    return Bridging
