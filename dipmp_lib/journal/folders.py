"""Where the journals are."""

from collections.abc import Mapping
from pathlib import Path

import platformdirs

from ..names import checksum_address

VARIABLE = "DIPMP_STATE"


def state_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder of everything that dipmp remembers: DIPMP_STATE, or that of the platform."""
    chosen = environment.get(VARIABLE, "").strip()
    return Path(chosen).expanduser() if chosen else platformdirs.user_state_path("dipmp")


def account_folder(state: Path, chain_id: int, account: bytes) -> Path:
    """Return the folder of one account on one chain."""
    return state / f"{chain_id}-{checksum_address(account)}"
