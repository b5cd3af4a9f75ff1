// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title The signature of appendWithSig: EIP-712, by a key or by a contract
library AppendSignature {
    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant APPEND_TYPE =
        keccak256("Append(address signer,string name,uint8 kind,bytes payload,bytes32 head,uint256 deadline)");
    bytes32 private constant DOMAIN_NAME = keccak256("dipmp");
    bytes32 private constant DOMAIN_VERSION = keccak256("1");

    /// What is signed. The signer is a part of it because two contracts may obey one key.
    function digest(
        address signer,
        string calldata name,
        uint8 kind,
        bytes calldata payload,
        bytes32 head,
        uint256 deadline
    ) internal view returns (bytes32) {
        bytes32 domain = keccak256(abi.encode(DOMAIN_TYPE, DOMAIN_NAME, DOMAIN_VERSION, block.chainid, address(this)));
        bytes32 message = keccak256(
            abi.encode(APPEND_TYPE, signer, keccak256(bytes(name)), kind, keccak256(payload), head, deadline)
        );
        return keccak256(abi.encodePacked(hex"1901", domain, message));
    }

    /// The key comes first: an account may have code and sign with its key all the same (EIP-7702).
    function isValid(address signer, bytes32 hash, bytes calldata signature) internal view returns (bool) {
        (address recovered, ECDSA.RecoverError failure,) = ECDSA.tryRecoverCalldata(hash, signature);
        if (failure == ECDSA.RecoverError.NoError && recovered == signer) return true;
        (bool success, bytes memory answer) =
            signer.staticcall(abi.encodeCall(IERC1271.isValidSignature, (hash, signature)));
        return success && answer.length >= 32 && bytes32(answer) == bytes32(IERC1271.isValidSignature.selector);
    }
}
