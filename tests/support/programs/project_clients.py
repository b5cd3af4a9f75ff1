"""Poetry, pdm and hatch, isolated as the other clients are."""

import venv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dipmp_lib.simple_api.clients import parse_index, poetry_toml
from tests.support.programs.clients import Run, isolated_env, run
from tests.support.programs.required import require_client

NO_RETRIES = {"PIP_RETRIES": "0", "POETRY_REQUESTS_MAX_RETRIES": "0", "UV_HTTP_RETRIES": "0"}
"""For tests in which retries would change nothing."""
_PROJECT = """\
[project]
name = "x"
version = "1"
requires-python = ">=3.11,<4"
dependencies = ["{requirement}"]
[tool.poetry]
package-mode = false
[tool.pdm]
distribution = false
[tool.hatch.envs.default]
skip-install = true
dependencies = ["{requirement}"]
"""


def _poetry(index_url: str) -> str:
    """Return the source as `dipmp config poetry` prints it."""
    return poetry_toml(parse_index(index_url))


def _pdm(index_url: str) -> str:
    """Return a source named `pypi`, which replaces PyPI."""
    return f'[[tool.pdm.source]]\nname = "pypi"\nurl = "{index_url}"\n'


def _hatch(index_url: str) -> str:
    """Return pip's variable, since hatch installs with pip."""
    return f'[tool.hatch.envs.default.env-vars]\nPIP_INDEX_URL = "{index_url}"\n'


@dataclass(frozen=True)
class Kind:
    """A client: the configuration of an index, the commands to install, and the lock file if it writes one."""

    source: Callable[[str], str]
    commands: tuple[tuple[str, ...], ...]
    lock: str = ""


KINDS: Mapping[str, Kind] = {
    "poetry": Kind(_poetry, (("lock", "-n"), ("install", "-n")), "poetry.lock"),
    "pdm": Kind(_pdm, (("lock", "--static-urls"), ("install",)), "pdm.lock"),
    "hatch": Kind(_hatch, (("env", "create"),)),
}


@dataclass(frozen=True)
class ProjectClient:
    """A project for one client; `extra` are more environment variables."""

    folder: Path
    client: str
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def program(self) -> Path:
        """The client's path. Skips the running test without it."""
        return require_client(self.client)

    def run(self, *args: str) -> Run:
        """Run the client in the project."""
        env = isolated_env(self.folder / "home") | {"POETRY_VIRTUALENVS_IN_PROJECT": "true"} | dict(self.extra)
        return run((self.program, *args), env=env, cwd=self.folder)

    def install(self, index_url: str, requirement: str) -> Run:
        """Lock, where the client does, and install; return the first command that failed, or the last one.

        Without an `index_url` no index is configured.
        """
        self.folder.mkdir(parents=True)
        venv.create(self.folder / ".venv", with_pip=False, symlinks=True)
        source = KINDS[self.client].source(index_url) if index_url else ""
        (self.folder / "pyproject.toml").write_text(_PROJECT.format(requirement=requirement) + source)
        for command in KINDS[self.client].commands:
            done = self.run(*command)
            if done.code:
                break
        return done

    def python(self, code: str) -> Run:
        """Run Python in the client's environment."""
        return self.run("run", "python", "-c", code)

    @property
    def locked(self) -> str:
        """The text of the lock file, "" for a client that writes none."""
        name = KINDS[self.client].lock
        return (self.folder / name).read_text() if name else ""
