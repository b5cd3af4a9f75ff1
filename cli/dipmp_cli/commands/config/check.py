"""Report of `dipmp config check`: settings with their origins, secrets masked, and problems."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dipmp_lib.errors import DipmpError, InvalidSettings
from dipmp_lib.http import mask_url

from ...settings import Layers
from ...settings.config_file import rpc_variable
from ...settings.keys import KEYS
from ...settings.reader import SettingsReader
from ...settings.settings import Flags, read_publish_settings

_PLAIN = re.compile(r"[A-Za-z0-9:._@+/~-]{0,200}")
_SIGNER = re.compile(r"(keystore|env):(?!0x)[^\s]{1,63}|(kms|rpc):")
_SHOWN = {"registry", "chain_id", "pins", "max_cost", "finality"}


@dataclass(frozen=True, slots=True)
class ShownSetting:
    """One setting: key, variable, value as it may be shown, and origin."""

    key: str
    variable: str
    shown: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigReport:
    """Settings, files that were read, and warnings and problems as sentences."""

    values: tuple[ShownSetting, ...]
    files: Mapping[str, Path | None]
    registries: tuple[str, ...]
    warnings: tuple[str, ...]
    problems: tuple[str, ...]

    def lines(self) -> list[str]:
        """Return the report as lines of text."""
        files = [f"{name:<12} {path or 'none'}" for name, path in self.files.items()]
        names = [f"{'registries':<12} {', '.join(self.registries)}"] if self.registries else []
        values = [
            f"{each.key:<12} {each.shown or 'not set'}" + (f"  ({each.where})" if each.where else "")
            for each in self.values
        ]
        return [*files, *names, *values, *(f"problem: {text}" for text in self.problems)]

    def document(self) -> dict[str, object]:
        """Return the report as a JSON document."""
        return {
            "files": {name: str(path) if path else None for name, path in self.files.items()},
            "registries": list(self.registries),
            "settings": [
                {"key": each.key, "variable": each.variable, "value": each.shown or None, "from": each.where or None}
                for each in self.values
            ],
            "warnings": list(self.warnings),
            "problems": list(self.problems),
        }


def make_report(layers: Layers, registry: str | None) -> ConfigReport:
    """Return the report about a publish to `registry`, or to the registry that the layers name."""
    reader = SettingsReader(layers)
    address = reader.registry(registry)
    return ConfigReport(
        values=tuple(_values(reader.layers, str(address) if any(address.address) else "", rpc_variable(address.chain))),
        files=layers.files,
        registries=layers.registries,
        warnings=layers.warnings,
        problems=_problems(Flags(registry=registry), layers),
    )


def _problems(flags: Flags, layers: Layers) -> tuple[str, ...]:
    try:
        read_publish_settings(flags, layers)
    except InvalidSettings as error:
        return error.problems
    except DipmpError as error:
        return (str(error),)
    return ()


def _values(layers: Layers, registry: str, rpc: str) -> list[ShownSetting]:
    found = []
    for key, entry in KEYS.items():
        variable = rpc if key == "rpc" else entry.variable
        text = registry if key == "registry" and registry else layers.get(variable, "")
        shown = ", ".join(_masked(key, item.strip()) for item in text.split(",")) if text else ""
        found.append(ShownSetting(key, variable, shown, layers.where(variable) if text else ""))
    return found


def _masked(key: str, text: str) -> str:
    """Return the parts of a value that hold no secret: addresses, hosts, names of keystores, variables and services."""
    if key in _SHOWN:
        return text if _PLAIN.fullmatch(text) else "(not shown)"
    if key == "signer":
        match = _SIGNER.match(text)
        return (match[0] if match[1] else f"{match[2]}:…") if match else "(not shown)"
    if key == "pinners":
        kind, _, rest = text.partition(":")
        return f"{kind}:{_rest(rest)}" if kind.isascii() and kind.replace("-", "").isalpha() else "(not shown)"
    return mask_url(text)


def _rest(text: str) -> str:
    return (mask_url(text) if "/" in text else "…") if text else ""
