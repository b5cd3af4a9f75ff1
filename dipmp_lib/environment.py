"""Settings reader: values of variables, with every mistake noted instead of raised.

A server reads its environment with it; commands read flags first and then their layers of settings.
"""

import re
from collections.abc import Iterable, Mapping

from .errors import DipmpError, InvalidInput, InvalidSettings
from .http.url import parse_target

CHAIN_ID = r"[1-9][0-9]{0,18}"
"""Pattern of a chain id (EIP-155)."""
_SHOWN = 40
"""Characters of a wrong value that a message repeats."""


class VariableReader:
    """Reads variables by name; `errors` grows by what cannot be used. No message shows a URL.

    `layers` is an environment, or several layers of settings that read like one.
    """

    def __init__(self, layers: Mapping[str, str]) -> None:
        self.layers = layers
        self.errors: list[DipmpError] = []

    def value(self, variable: str) -> str:
        """Return the value without blanks around it, "" where it is not set."""
        return self.layers.get(variable, "").strip()

    def values(self, variable: str) -> tuple[str, ...]:
        """Return the items of a comma-separated value."""
        return split_items([self.value(variable)])

    def problem(self, text: str) -> None:
        """Note a mistake."""
        self.errors.append(InvalidSettings([text]))

    def check(self) -> None:
        """Raise what was noted: one mistake as it is, several as one InvalidSettings."""
        if len(self.errors) == 1:
            raise self.errors[0]
        if self.errors:
            raise InvalidSettings([str(error) for error in self.errors])

    def matching(self, text: str, origin: str, pattern: str, what: str) -> str:
        """Return the text, or "" where the pattern does not match all of it: that is noted, with its origin.

        `what` names what the pattern matches, as in "a chain id"; an empty text is no mistake.
        """
        if text and not re.fullmatch(pattern, text):
            self.problem(f"{origin} is {text[:_SHOWN]!r}, not {what}")
            return ""
        return text

    def choice(self, variable: str, choices: tuple[str, ...]) -> str:
        """Return one of the words, the first where none of them is set."""
        words = "|".join(map(re.escape, choices))
        return self.matching(self.value(variable), variable, words, f"one of {', '.join(choices)}") or choices[0]

    def is_url(self, url: str, problem: str) -> bool:
        """Tell whether the text is an http or https URL; note the problem where it is not.

        The text may hold an access key, so the problem should say which one it is and not repeat it.
        """
        if is_http_url(url):
            return True
        self.problem(problem)
        return False


def split_items(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the items of comma-separated texts, without blanks around them and without empty ones."""
    return tuple(item.strip() for text in texts for item in text.split(",") if item.strip())


def is_http_url(url: str) -> bool:
    """Tell whether a text is an http or https URL with a host."""
    try:
        parse_target(url)
    except InvalidInput:
        return False
    return True
