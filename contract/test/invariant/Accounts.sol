// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {vm} from "../Vm.sol";

/// A wallet that accepts, by ERC-1271, what one key signs.
contract KeyWallet {
    address private immutable SIGNER;

    constructor(address signer) {
        SIGNER = signer;
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        bool valid = ecrecover(hash, uint8(signature[64]), bytes32(signature[:32]), bytes32(signature[32:64])) == SIGNER;
        return valid ? bytes4(0x1626ba7e) : bytes4(0);
    }
}

/// Who plays: six members, who own and publish and can sign, and those who stay what they are.
contract Accounts {
    uint256 private constant FIRST_KEY = 0xD1C0;
    uint256 internal constant MEMBERS = 6;
    uint256 private constant WALLET = 4;
    uint256 private constant DELEGATED = 5;

    address internal constant FOUNDER = address(0xF00D);
    address internal constant GUARDIAN = address(0x6A9D);
    address internal constant STRANGER = address(0xBAD);

    address[] internal accounts; // the members first

    constructor() {
        for (uint256 i = 0; i < MEMBERS; ++i) {
            accounts.push(vm.addr(FIRST_KEY + i));
        }
        accounts[WALLET] = address(new KeyWallet(accounts[WALLET]));
        vm.etch(accounts[DELEGATED], hex"00"); // an account with code that signs with its key all the same (EIP-7702)
        accounts.push(FOUNDER);
        accounts.push(GUARDIAN);
        accounts.push(STRANGER);
    }

    /// Those who are given roles.
    function member(uint256 seed) internal view returns (address) {
        return accounts[seed % MEMBERS];
    }

    function anybody(uint256 seed) internal view returns (address) {
        return accounts[seed % accounts.length];
    }

    /// A signature with the key of a member, and for anybody else with a key that is nobody's.
    function sign(address account, bytes32 digest) internal view returns (bytes memory) {
        uint256 index = 0;
        while (index < MEMBERS && accounts[index] != account) ++index;
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(FIRST_KEY + index, digest);
        return abi.encodePacked(r, s, v);
    }
}
