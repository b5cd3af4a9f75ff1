"""halmos with the addresses that Ethereum gives to new contracts: registries assert them, and halmos makes up its own.

    ../.tools/audit/bin/python formal/prove.py [options of halmos]

Run in contract/, with FOUNDRY_PROFILE=formal and with forge in PATH.
"""

import sys

from halmos.__main__ import main
from halmos.sevm import Exec, keccak
from halmos.utils import con_addr

ONE_BYTE_NONCES = range(1, 0x80)


def new_address(self: Exec) -> object:
    """keccak256(rlp([creator, nonce]))[12:] with the first nonce, from 1, that the creator has not used (EIP-161)."""
    creator = self.this().as_long().to_bytes(20, "big")
    hashes = (keccak(b"\xd6\x94" + creator + bytes([nonce])) for nonce in ONE_BYTE_NONCES)
    addresses = (con_addr(int.from_bytes(digest[12:], "big")) for digest in hashes)
    return next(address for address in addresses if address not in self.code)


Exec.new_address = new_address

if __name__ == "__main__":
    sys.exit(main())
