"""The development chain's registry, created as on any chain: deployer, factory and registry."""

from collections.abc import Mapping

from ..errors import InvalidInput
from ..ethereum.abi import (
    DEPLOYER,
    DEPLOYER_CREATOR,
    DEPLOYER_FUNDS,
    DEPLOYER_TRANSACTION,
    factory_address,
    factory_call_data,
)
from ..ethereum.create2 import StockArgs, encode_create, registry_address
from ..transactions.signers import Signer
from .chain.evm import BLOCK_GAS, Evm
from .chain.transactions import PRIORITY_FEE


def ensure_registry(evm: Evm, signer: Signer) -> bytes:
    """Return the address of `signer`'s open registry; where it is missing, `signer` creates and pays for it.

    Raises InvalidInput where a transaction failed, SignerError.
    """
    args = StockArgs(owner=signer.address)
    registry = registry_address(args)
    if not _has_code(evm, DEPLOYER):
        _send(evm, signer, DEPLOYER_CREATOR, {"value": DEPLOYER_FUNDS})
        evm.send(DEPLOYER_TRANSACTION)
    if not _has_code(evm, factory_address()):
        _send(evm, signer, DEPLOYER, {"data": factory_call_data()})
    if not _has_code(evm, registry):
        _send(evm, signer, factory_address(), {"data": encode_create(args)})
    if not _has_code(evm, registry):
        raise InvalidInput("the chain of the state directory takes no registry", hint="use another state directory")
    return registry


def _has_code(evm: Evm, address: bytes) -> bool:
    return bool(evm.state_at(evm.head).get_code(address))


def _send(evm: Evm, signer: Signer, to: bytes, fields: Mapping[str, object]) -> None:
    transaction = {
        "type": 2,
        "chainId": evm.chain_id,
        "nonce": evm.state_at(evm.head).get_nonce(signer.address),
        "gas": BLOCK_GAS // 4,
        "maxFeePerGas": 2 * int(evm.next_header().base_fee_per_gas) + PRIORITY_FEE,
        "maxPriorityFeePerGas": PRIORITY_FEE,
        "value": 0,
        "data": b"",
        "to": to,
    }
    evm.send(signer.sign_transaction({**transaction, **fields}))
