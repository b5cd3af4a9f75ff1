"""Upload tools: their commands, and the environment variables that point them to the bridge."""

import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from .app import USER

TOKEN_VARIABLE = "DIPMP_BRIDGE_TOKEN"  # noqa: S105 - a name


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool's name, its command, and the variables that hold the upload URL, the user and the password."""

    name: str
    command: str
    url: str
    user: str
    password: str

    def environment(self, url: str, token: str) -> dict[str, str]:
        """Return the variables with their values."""
        named = {self.url: url, self.user: USER, self.password: token}
        return {name: value for name, value in named.items() if name}


TOOLS = (
    Tool("twine", "twine upload dist/*", "TWINE_REPOSITORY_URL", "TWINE_USERNAME", "TWINE_PASSWORD"),
    Tool("uv", "uv publish", "UV_PUBLISH_URL", "", "UV_PUBLISH_TOKEN"),
    Tool(
        "Poetry",
        "poetry publish --repository dipmp",
        "POETRY_REPOSITORIES_DIPMP_URL",
        "POETRY_HTTP_BASIC_DIPMP_USERNAME",
        "POETRY_HTTP_BASIC_DIPMP_PASSWORD",
    ),
    Tool("Flit", "flit publish", "FLIT_INDEX_URL", "FLIT_USERNAME", "FLIT_PASSWORD"),
    Tool("Hatch", "hatch publish", "HATCH_INDEX_REPO", "HATCH_INDEX_USER", "HATCH_INDEX_AUTH"),
)


def environment(url: str, token: str) -> dict[str, str]:
    """Return the variables that send every tool's uploads to `url`."""
    return {name: value for tool in TOOLS for name, value in tool.environment(url, token).items()}


def without_secrets(variables: Mapping[str, str], hidden: Collection[str]) -> dict[str, str]:
    """Return the environment for a tool's process, without the key and the credentials of dipmp's services.

    `hidden` are further variables that hold secrets.
    """
    prefixes = ("DIPMP_", "ETH_GATEWAY", "IPFS_GATEWAY", "PINATA_", "FILEBASE_", "AWS_")
    return {name: value for name, value in variables.items() if name not in hidden and not name.startswith(prefixes)}


def commands(url: str, token: str) -> list[str]:
    """Return lines for a POSIX shell: the export of the token, then one command per tool."""
    lines = [f"export {TOKEN_VARIABLE}={shlex.quote(token)}"]
    for tool in TOOLS:
        variables = tool.environment(shlex.quote(url), f'"${TOKEN_VARIABLE}"')
        lines.append(" ".join([*(f"{name}={value}" for name, value in variables.items()), tool.command]))
    return lines
