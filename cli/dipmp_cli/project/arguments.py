"""The arguments that several of a project's commands take."""

from typing import Annotated

import typer

ProjectName = Annotated[str, typer.Argument(metavar="PROJECT", help="The project's name, in any spelling.")]
Account = Annotated[str, typer.Argument(metavar="ADDRESS", help="The account's address, 0x…")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why, for people; installers may show it.")]
