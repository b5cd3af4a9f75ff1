"""Signer behind JSON-RPC, such as web3signer, a wallet's bridge or a node with keys.

Sources: Ethereum Execution API (eth_accounts, eth_signTransaction), EIP-712 (eth_signTypedData_v4).
"""

import re
from collections.abc import Mapping
from functools import cached_property

from ...errors import DipmpError, InvalidInput, MalformedAnswer, SignerError
from ...ethereum.rpc import HttpRpc, Rpc
from ...http import Fetcher
from ...http.url import parse_target
from ...model.names import parse_registry

SECONDS = 300.0
"""Deadline of an answer, as a person may have to confirm the signature."""
_MAX_BYTES = 1_048_576
_HEX = re.compile(r"0x((?:[0-9a-fA-F]{2})*)")
_NUMBERS = ("gas", "gasPrice", "maxFeePerGas", "maxPriorityFeePerGas", "value", "nonce", "chainId")


class RemoteSigner:
    """Signs by asking `rpc` for a signature of `address`, None for the signer's only account.

    Its answers may be anything, and are checked (check.py) before they are used.
    """

    def __init__(self, rpc: Rpc, address: bytes | None = None) -> None:
        self._rpc = rpc
        self._given = address

    @cached_property
    def address(self) -> bytes:
        """The account's address. Raises SignerError, also where the signer has several accounts and none was named."""
        if self._given is not None:
            return self._given
        accounts = self._ask("eth_accounts")
        if not isinstance(accounts, list) or len(accounts) != 1 or not isinstance(accounts[0], str):
            count = len(accounts) if isinstance(accounts, list) else 0
            raise SignerError(
                f"the signer {self._rpc} has {count} accounts, not one", hint="name one: rpc:URL#0xADDRESS"
            )
        return _address(accounts[0])

    def unlock(self) -> None:
        """Fetch the address; the other program unlocks its keys itself. Raises SignerError."""
        self.address  # noqa: B018 - asked for once, here

    def sign_transaction(self, transaction: Mapping[str, object]) -> bytes:
        """Return the raw transaction that the signer answers, unchecked. Raises SignerError."""
        fields = {
            name: hex(value) for name, value in transaction.items() if name in _NUMBERS and isinstance(value, int)
        }
        fields |= {"from": f"0x{self.address.hex()}", "to": str(transaction["to"]), "data": str(transaction["data"])}
        answer = self._ask("eth_signTransaction", fields)
        # geth answers with an object that holds the bytes as `raw`, others with the bytes.
        return self._bytes(answer.get("raw") if isinstance(answer, dict) else answer)

    def sign_typed_data(self, message: Mapping[str, object]) -> bytes:
        """Return the signature that the signer answers, unchecked, with v 27 or 28 for 0 or 1. Raises SignerError."""
        signature = self._bytes(self._ask("eth_signTypedData_v4", f"0x{self.address.hex()}", dict(message)))
        if len(signature) == 65 and signature[64] in (0, 1):
            return signature[:64] + bytes((27 + signature[64],))
        return signature

    def _ask(self, method: str, *params: object) -> object:
        try:
            return self._rpc.request(method, params)
        except DipmpError as error:
            raise SignerError(f"the signer did not answer {method}: {error}", hint=error.hint) from None

    def _bytes(self, value: object) -> bytes:
        match = _HEX.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise SignerError(f"the signer {self._rpc} returned no bytes")
        return bytes.fromhex(match[1])


def open_remote(text: str) -> RemoteSigner:
    """Return the signer at `URL` or `URL#0xADDRESS`: https, or http to this machine. Raises SignerError."""
    url, _, account = text.partition("#")
    try:
        origin = parse_target(url).origin
    except InvalidInput:
        raise SignerError("rpc: is followed by the signer's URL, as in rpc:http://127.0.0.1:9000") from None
    if origin.scheme != "https" and not origin.is_loopback:
        raise SignerError(
            "the signer's URL is neither https nor on this machine, so others could change what is signed",
            hint="use https, or a tunnel that ends on 127.0.0.1",
        )
    rpc = HttpRpc(url, Fetcher(), deadline=SECONDS, max_bytes=_MAX_BYTES)
    return RemoteSigner(rpc, _address(account) if account else None)


def _address(text: str) -> bytes:
    try:
        found = parse_registry(text)
    except (InvalidInput, MalformedAnswer):
        found = None
    if found is None or found.chain:
        raise SignerError("the signer's account is not an address, 0x and 40 hexadecimal digits")
    return found.address
