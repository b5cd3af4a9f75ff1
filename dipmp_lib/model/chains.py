"""Chains by EIP-3770 short name, with their ids and explorers, as in the ethereum-lists/chains register.

A chain that is missing here can still be a server's default chain, whose addresses need no short name.
"""

from dataclasses import dataclass

from ..errors import InvalidAddress
from .names import RegistryAddress

CHAIN_IDS: dict[str, int] = {
    "eth": 1,
    "sep": 11155111,
    "holesky": 17000,
    "hoe": 560048,
    "base": 8453,
    "basesep": 84532,
    "oeth": 10,
    "opsep": 11155420,
    "arb1": 42161,
    "arb-nova": 42170,
    "arb-sep": 421614,
    "scr": 534352,
    "scr-sepolia": 534351,
    "pol": 137,
    "polygonamoy": 80002,
    "gno": 100,
    "bnb": 56,
    "avax": 43114,
    "celo": 42220,
    "linea": 59144,
    "unichain": 130,
    "unichain-sep": 1301,
    "ink": 57073,
    "mode": 34443,
    "mantle": 5000,
    "soneium": 1868,
    "wc": 480,
    "zora": 7777777,
}
"""Short name to chain id."""


@dataclass(frozen=True, slots=True)
class ChainIds:
    """Chain ids without a request; `default` is the id for addresses without a short name, None if it is unknown."""

    default: int | None

    def find(self, registry: RegistryAddress) -> int | None:
        """Return the id (EIP-155) of a registry's chain, None where it is unknown."""
        return CHAIN_IDS.get(registry.chain) if registry.chain else self.default

    def of(self, registry: RegistryAddress) -> int:
        """Return the id (EIP-155) of a registry's chain. Raises InvalidAddress."""
        found = self.find(registry)
        if found is None:
            raise InvalidAddress(f"the chain of {registry} has no id here", hint="set DIPMP_CHAIN_ID")
        return found


_EXPLORERS: dict[int, str] = {
    1: "https://etherscan.io",
    11155111: "https://sepolia.etherscan.io",
    560048: "https://hoodi.etherscan.io",
    8453: "https://basescan.org",
    84532: "https://sepolia.basescan.org",
    10: "https://optimistic.etherscan.io",
    42161: "https://arbiscan.io",
    534352: "https://scrollscan.com",
    137: "https://polygonscan.com",
    100: "https://gnosisscan.io",
    59144: "https://lineascan.build",
}


def explorer_url(chain_id: int | None, address: str) -> str:
    """Return the URL of an address (`0x…`) in its chain's explorer, "" where no explorer is known."""
    explorer = _EXPLORERS.get(chain_id or 0, "")
    return f"{explorer}/address/{address}" if explorer else ""
