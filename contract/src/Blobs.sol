// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPackageIndex} from "./IPackageIndex.sol";

/// @title Blobs: entries as the code of contracts that this contract creates
library Blobs {
    uint256 internal constant MAX_PAYLOAD = 24_543; // EIP-170's 24,576 minus the header, whatever the chain's own limit
    uint256 internal constant PREV_AT = 2;
    uint256 internal constant HEADER = 33;

    /// Stores a blob under a nonce, which must be the contract's next. Nothing else here may ever create a contract.
    function store(uint48 nonce, uint8 kind, uint48 prev, address actor, bytes memory payload)
        internal
        returns (bytes32 blobHash)
    {
        uint256 size = HEADER + payload.length;
        // PUSH2 size, DUP1, PUSH1 10, RETURNDATASIZE, CODECOPY, RETURNDATASIZE, RETURN: the code is all that follows
        bytes memory initcode = abi.encodePacked(
            hex"61", uint16(size), hex"80600a3d393df3", uint8(0), kind, prev, actor, uint40(block.timestamp), payload
        );
        address created;
        assembly ("memory-safe") {
            let blob := add(initcode, 42)
            blobHash := keccak256(blob, size)
            created := create(0, sub(blob, 10), add(size, 10))
        }
        address expected = addressOf(nonce);
        if (created != expected) revert IPackageIndex.UnexpectedBlobAddress(created, expected);
    }

    /// keccak256(rlp([this, nonce]))[12:], with nonces as EIP-161 counts them: from 1.
    function addressOf(uint256 nonce) internal view returns (address blob) {
        assembly ("memory-safe") {
            let size := 0 // of the nonce after its RLP prefix; below 0x80 it has none
            let item := nonce
            if gt(nonce, 0x7f) {
                size := add(add(1, gt(nonce, 0xff)), add(gt(nonce, 0xffff), gt(nonce, 0xffffff)))
                size := add(size, add(gt(nonce, 0xffffffff), gt(nonce, 0xffffffffff)))
                item := or(shl(shl(3, size), add(0x80, size)), nonce)
            }
            let list := or(shl(160, add(0xd694, shl(8, size))), address())
            mstore(0, or(shl(add(8, shl(3, size)), list), item))
            blob := and(keccak256(sub(9, size), add(23, size)), 0xffffffffffffffffffffffffffffffffffffffff)
        }
    }

    /// The payload of a stored blob from `offset` on.
    function payloadFrom(uint256 nonce, uint256 offset) internal view returns (bytes memory payload) {
        address blob = addressOf(nonce);
        uint256 start = HEADER + offset;
        payload = new bytes(blob.code.length - start);
        assembly ("memory-safe") {
            extcodecopy(blob, add(payload, 0x20), start, mload(payload))
        }
    }
}
