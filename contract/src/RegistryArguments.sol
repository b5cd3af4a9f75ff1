// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPackageIndex} from "./IPackageIndex.sol";

/// @title What a registry was created with: `owner ‖ guardian ‖ mode u8 ‖ salt`, behind the code of its proxy
abstract contract RegistryArguments {
    uint256 private constant OWNER_AT = 45; // the length of EIP-1167's code
    uint256 private constant GUARDIAN_AT = OWNER_AT + 20;
    uint256 private constant MODE_AT = GUARDIAN_AT + 20;

    address private immutable IMPLEMENTATION = address(this);

    /// The code that the proxies share has no arguments, and must never write.
    modifier onlyRegistry() {
        _requireRegistry();
        _;
    }

    function _requireRegistry() private view {
        if (address(this) == IMPLEMENTATION) revert IPackageIndex.NotARegistry(address(this));
    }

    function _firstOwner() internal view returns (address) {
        return address(bytes20(_codeAt(OWNER_AT)));
    }

    function _firstGuardian() internal view returns (address) {
        return address(bytes20(_codeAt(GUARDIAN_AT)));
    }

    function _mode() internal view returns (uint8) {
        return uint8(bytes1(_codeAt(MODE_AT)));
    }

    /// CODECOPY would copy the implementation's code: a proxy's is reached by its address alone.
    function _codeAt(uint256 offset) private view returns (bytes32 word) {
        assembly ("memory-safe") {
            extcodecopy(address(), 0, offset, 0x20)
            word := mload(0)
        }
    }
}
