"""Keys of the configuration file, each with its environment variable and the form of its values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from .setting import Setting

_FORMS = {"text": "a text", "texts": "a text or a list of texts", "number": "a whole number", "switch": "true or false"}


@dataclass(frozen=True, slots=True)
class Key:
    """A key: its variable, and the form of its TOML values."""

    variable: str
    form: Literal["text", "texts", "number", "switch"] = "text"

    def text(self, value: object) -> str | None:
        """Return a TOML value as the text of the variable, None if it has another form."""
        if self.form == "switch":
            return ("1" if value else "0") if isinstance(value, bool) else None
        if self.form == "number":
            return str(value) if isinstance(value, int) and not isinstance(value, bool) else None
        if self.form == "texts" and isinstance(value, list) and all(isinstance(item, str) for item in value):
            return ",".join(value)
        return value.strip() if isinstance(value, str) else None


KEYS: Mapping[str, Key] = {
    "registry": Key("DIPMP_REGISTRY"),
    "rpc": Key("ETH_GATEWAY", "texts"),
    "chain_id": Key("DIPMP_CHAIN_ID", "number"),
    "pinners": Key("DIPMP_PINNER", "texts"),
    "pins": Key("DIPMP_PINS", "number"),
    "gateways": Key("IPFS_GATEWAY", "texts"),
    "signer": Key("DIPMP_SIGNER"),
    "index_url": Key("DIPMP_INDEX_URL"),
    "max_cost": Key("DIPMP_MAX_COST"),
    "finality": Key("DIPMP_FINALITY"),
}
"""At the top of the file."""

REGISTRY_KEYS: Mapping[str, Key] = {"address": KEYS["registry"]} | {
    name: key for name, key in KEYS.items() if name != "registry"
}
"""In `[registries.NAME]`."""

PROJECT_KEYS: Mapping[str, Key] = {"registry": KEYS["registry"]}
"""In `[tool.dipmp]` of a project: the keys that a repository may set without harm to its publisher."""


def take(table: Mapping[str, object], keys: Mapping[str, Key], where: str, problems: list[str]) -> dict[str, Setting]:
    """Return the settings of a table by variable; mistakes are added to `problems`."""
    found = {}
    for name, value in table.items():
        key = keys.get(name)
        if key is None:
            problems.append(unknown(name, keys, where))
        elif (text := key.text(value)) is None:
            problems.append(f"{name} in {where} is not {_FORMS[key.form]}")
        elif text:
            found[key.variable] = Setting(text, f"{name} in {where}")
    return found


def unknown(name: str, known: Iterable[str], where: str) -> str:
    """Return the message for an unknown key, with the nearest known one."""
    names = list(known)
    return f"{name[:40]!r} in {where} is not a key; {_nearest(name, names) or 'there are ' + ', '.join(names)}"


def _nearest(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name.lower().replace("-", "_"), known, n=1, cutoff=0.5)
    return f"did you mean {close[0]}?" if close else ""
