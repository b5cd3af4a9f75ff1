"""The factory as a model in plain Python: addresses and code of registries (IPackageIndexFactory.sol).

Addresses are 20 bytes.
"""

from tests.support.model.log import ZERO, ModelRevertError, hash256

_PROXY = bytes.fromhex("363d3d373d3d3d363d73"), bytes.fromhex("5af43d82803e903d91602b57fd5bf3")
_RETURN_REST = bytes.fromhex("6100763d81600a3d39f3")

Arguments = tuple[bytes, bytes, int, bytes]
"""Owner, guardian, mode, salt."""


class FactoryModel:
    """A factory and the addresses of its registries."""

    def __init__(self, address: bytes, implementation: bytes) -> None:
        self.address = address
        self.implementation = implementation
        self.created: set[bytes] = set()

    def code_of(self, owner: bytes, guardian: bytes, mode: int, salt: bytes) -> bytes:
        """Return the code of the registry with these arguments."""
        return _PROXY[0] + self.implementation + _PROXY[1] + owner + guardian + bytes([mode]) + salt

    def address_of(self, *arguments: *Arguments) -> bytes:
        """Return the registry's address: CREATE2 with salt 0 (EIP-1014)."""
        initcode = _RETURN_REST + self.code_of(*arguments)
        return hash256(b"\xff" + self.address + bytes(32) + hash256(initcode))[12:]

    def create(self, *arguments: *Arguments) -> bytes:
        """Make a registry and return its address. Raises ModelRevertError."""
        owner, _, mode, _ = arguments
        if owner == ZERO:
            raise ModelRevertError("ZeroAddress")
        if mode > 1:
            raise ModelRevertError("InvalidMode", mode)
        address = self.address_of(*arguments)
        if address in self.created:
            raise ModelRevertError("RegistryExists", address)
        self.created.add(address)
        return address
