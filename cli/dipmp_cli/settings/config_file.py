"""The configuration file: its path, reading it with bounds, and its TOML as settings."""

import os
import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dipmp_lib.errors import InvalidSettings

from . import seed_config as seed
from .keys import KEYS, REGISTRY_KEYS, Key, take, unknown
from .setting import Secrets, Setting

_TABLES = ("registries", "chains", "chain", "ipfs")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
_CHAIN = re.compile(r"[a-z0-9-]{1,32}")

Values = Mapping[str, Setting]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A parsed configuration file: settings by variable, registries by name, problems as sentences.

    `account` is the address that the key in the file must have, "" for any.
    """

    values: Values = field(default_factory=dict)
    registries: Mapping[str, Values] = field(default_factory=dict)
    secrets: Secrets = field(default_factory=lambda: Secrets({}))
    account: str = ""
    problems: tuple[str, ...] = ()


def parse_config(document: Mapping[str, object], where: str) -> Config:
    """Parse a file's tables; every mistake becomes one of `problems`, which never show a value."""
    problems: list[str] = []
    tables = {name: _table(document, name, where, problems) for name in _TABLES}
    top = {name: value for name, value in document.items() if name not in _TABLES}
    old = seed.parse(tables["chain"], tables["ipfs"], where, problems)
    known = {**KEYS, **dict.fromkeys(_TABLES, Key(""))}
    problems += [unknown(name, known, where) for name in top if name not in KEYS]
    values = take({name: value for name, value in top.items() if name in KEYS}, KEYS, where, problems)
    return Config(
        values={**old.values, **_chains(tables["chains"], where, problems), **values},
        registries=_registries(tables["registries"], where, problems),
        secrets=Secrets(old.secrets),
        account=old.account,
        problems=tuple(problems),
    )


def _table(document: Mapping[str, object], name: str, where: str, problems: list[str]) -> Mapping[str, object]:
    table = document.get(name, {})
    if isinstance(table, dict):
        return table
    problems.append(f"{name} in {where} is not a table")
    return {}


def _chains(table: Mapping[str, object], where: str, problems: list[str]) -> dict[str, Setting]:
    """Read `[chains]`: the JSON-RPC URLs of chains by short name."""
    keys = {name: Key(rpc_variable(name), "texts") for name in table if _CHAIN.fullmatch(name)}
    problems += [f"{name[:40]!r} in [chains] of {where} is not a chain's short name" for name in table.keys() - keys]
    return take({name: table[name] for name in keys}, keys, f"[chains] of {where}", problems)


def rpc_variable(chain: str) -> str:
    """Return the variable with the JSON-RPC URLs of a chain; "" is the default chain."""
    return f"DIPMP_RPC_{chain.upper().replace('-', '_')}" if chain else "ETH_GATEWAY"


def _registries(table: Mapping[str, object], where: str, problems: list[str]) -> dict[str, Values]:
    found: dict[str, Values] = {}
    for name, entry in table.items():
        place = f"[registries.{name[:40]}] of {where}"
        if not _NAME.fullmatch(name) or not isinstance(entry, dict):
            problems.append(f"{place} is not a table with a name of letters, digits, '-' and '_'")
            continue
        values = take(entry, REGISTRY_KEYS, place, problems)
        if "DIPMP_REGISTRY" in values:
            found[name] = _with_own_chain(values)
        else:
            problems.append(f"{place} has no address")
    return found


def _with_own_chain(values: dict[str, Setting]) -> Values:
    """Move the URLs of a registry to the variable of its chain, if it names one."""
    chain, separator, _ = values["DIPMP_REGISTRY"].text.partition(":")
    urls = values.pop("ETH_GATEWAY", None)
    return values if urls is None else {**values, rpc_variable(chain if separator else ""): urls}


CONFIG_VARIABLE = "DIPMP_CONFIG"
MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A file's tables and its permission bits."""

    document: Mapping[str, object] = field(repr=False)
    mode: int


def config_path(environment: Mapping[str, str]) -> Path:
    """Return the configuration file: DIPMP_CONFIG, or `config.toml` in the platform's folder for dipmp."""
    named = environment.get(CONFIG_VARIABLE, "").strip()
    if named:
        return Path(named).expanduser().absolute()
    import platformdirs

    return platformdirs.user_config_path("dipmp") / "config.toml"


def pyproject_path(folder: Path) -> Path | None:
    """Return the nearest pyproject.toml, in the folder or above it."""
    return next((path for each in (folder, *folder.parents) if (path := each / "pyproject.toml").is_file()), None)


def read_toml(path: Path) -> TomlFile:
    """Read a TOML file of at most 1 MiB. Raises InvalidSettings, which never quotes it."""
    try:
        with path.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            data = stream.read(MAX_BYTES + 1) if stat.S_ISREG(mode) else None
    except OSError as error:
        raise InvalidSettings([f"{path} cannot be read: {error.strerror}"]) from None
    if data is None or len(data) > MAX_BYTES:
        raise InvalidSettings([f"{path} is not a regular file of at most {MAX_BYTES} bytes"])
    try:
        return TomlFile(tomllib.loads(data.decode()), stat.S_IMODE(mode))
    except UnicodeDecodeError:
        raise InvalidSettings([f"{path} is not TOML: it is not UTF-8"]) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InvalidSettings([f"{path} is not TOML: {_place(str(error))}"]) from None


def _place(message: str) -> str:
    """Return the position of a parser's error: the rest of its message may quote the file."""
    _, at, place = message.rpartition("(at ")
    return f"there is a mistake at {place.rstrip(')')}" if at else "it cannot be parsed"
