"""Names of parameters, as settings write them."""

import re
from dataclasses import dataclass

from ..errors import InvalidInput

PREFIX = "ssm:"
_NAME = re.compile(r"(?=.{2,1011}\Z)(?!/(?i:aws|ssm))(?:/[A-Za-z0-9_.-]+){1,15}")
"""What Systems Manager takes for a path, which cannot begin with words of its own."""


@dataclass(frozen=True, slots=True)
class ParameterName:
    """The path of a parameter; `str()` is what the setting says."""

    path: str

    def __str__(self) -> str:
        return PREFIX + self.path


def is_parameter(text: str) -> bool:
    """Tell whether a setting's text is meant to name a parameter."""
    return text.startswith(PREFIX)


def parse_parameter(text: str) -> ParameterName:
    """Parse `ssm:/path`. Raises InvalidInput."""
    path = text.removeprefix(PREFIX)
    if not is_parameter(text) or not _NAME.fullmatch(path):
        raise InvalidInput(f"{text[:80]!r} is not ssm:/NAME", hint="write it as ssm:/dipmp/prod/eth-gateway")
    return ParameterName(path)
