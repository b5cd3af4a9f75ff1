"""Reading all layers at once."""

from collections.abc import Mapping
from pathlib import Path

from dipmp_lib.errors import InvalidSettings

from .config import Config, Values, parse_config
from .files import CONFIG_VARIABLE, TomlFile, config_path, pyproject_path, read_toml
from .keys import KEYS, PROJECT_KEYS, REGISTRY_KEYS, take
from .layered import Layers, from_environment

_TABLES = {"registries", "chains", "chain", "ipfs"}
_IMPORT = "move the key into a keystore with: dipmp account import NAME"


def open_layers() -> Layers:
    """Read the layers of this process, and say on stderr what a person should change."""
    import os

    import typer

    layers = read_layers(os.environ, Path.cwd())
    for warning in layers.warnings:
        typer.echo(f"warning: {warning}", err=True)
    return layers


def read_layers(environment: Mapping[str, str], folder: Path) -> Layers:
    """Read the environment, the project around `folder`, and the configuration file; what is wrong becomes problems."""
    problems: list[str] = []
    warnings: list[str] = []
    path = config_path(environment)
    config = _config(path, named=bool(environment.get(CONFIG_VARIABLE, "").strip()), problems=problems)
    if config.secrets:
        warnings.append(f"secrets stand in {path}, in plain text; {_IMPORT}")
    pyproject = pyproject_path(folder)
    project = _project(pyproject, path, problems) if pyproject else {}
    refused = _refused(project, config, path)
    return Layers(
        [from_environment(environment), {} if refused else project, config.values],
        config,
        files={"config": path if path.exists() else None, "pyproject": pyproject},
        refused=refused,
        problems=problems,
        warnings=warnings,
    )


def _config(path: Path, *, named: bool, problems: list[str]) -> Config:
    if not named and not path.exists():
        return Config()
    try:
        file = read_toml(path)
    except InvalidSettings as error:
        problems += error.problems
        return Config()
    config = parse_config(file.document, str(path))
    problems += [*config.problems, *_loose(path, file, config)]
    return config


def _loose(path: Path, file: TomlFile, config: Config) -> list[str]:
    """Say who else may read secrets, or choose the signer, by the file's permissions (POSIX)."""
    import os

    if os.name != "posix":
        return []
    if config.secrets and file.mode & 0o077:
        return [f"{path} holds secrets, and other users can read or write it (mode {file.mode:04o}): chmod 600 {path}"]
    if file.mode & 0o002:
        return [f"{path} can be written by everybody (mode {file.mode:04o}): chmod go-w {path}"]
    return []


def _project(pyproject: Path, path: Path, problems: list[str]) -> Values:
    """Read `[tool.dipmp]`, in which a repository may choose among its publisher's registries, and nothing else."""
    where = f"[tool.dipmp] of {pyproject}"
    try:
        tool = read_toml(pyproject).document.get("tool")
    except InvalidSettings as error:
        problems += error.problems
        return {}
    table = tool.get("dipmp", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        problems.append(f"{where} is not a table")
        return {}
    forbidden = (KEYS.keys() | REGISTRY_KEYS.keys() | _TABLES) - PROJECT_KEYS.keys()
    problems += [
        f"{name} in {where} is not taken, because a repository must not choose it: set it in {path}"
        for name in table
        if name in forbidden
    ]
    return take({name: table[name] for name in table if name not in forbidden}, PROJECT_KEYS, where, problems)


def _refused(project: Values, config: Config, path: Path) -> str:
    """Say why the registry that a project names is not taken: the configuration file does not know it."""
    registry = project.get("DIPMP_REGISTRY")
    known = [config.values, *config.registries.values()]
    addresses = {values["DIPMP_REGISTRY"].text.lower() for values in known if "DIPMP_REGISTRY" in values}
    if registry is None or registry.text in config.registries or registry.text.lower() in addresses:
        return ""
    return (
        f"{registry.where} is {registry.text[:80]!r}, and a repository may only choose among your own registries: "
        f"add [registries.NAME] with that address to {path}, or give --registry"
    )
