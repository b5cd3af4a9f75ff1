// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPackageIndexFactory} from "./IPackageIndexFactory.sol";
import {PackageIndex} from "./PackageIndex.sol";

/// @title Makes registries; IPackageIndexFactory is its specification
contract PackageIndexFactory is IPackageIndexFactory {
    uint8 private constant CURATED = 1;

    address private immutable IMPLEMENTATION = address(new PackageIndex());

    /// @inheritdoc IPackageIndexFactory
    function create(address owner, address guardian, uint8 mode, bytes32 salt) external returns (address registry) {
        if (owner == address(0)) revert ZeroAddress();
        if (mode > CURATED) revert InvalidMode(mode);
        bytes memory initcode = _initcode(owner, guardian, mode, salt);
        assembly ("memory-safe") {
            registry := create2(0, add(initcode, 0x20), mload(initcode), 0)
        }
        if (registry == address(0)) {
            registry = _addressOf(initcode);
            if (registry.code.length != 0) revert RegistryExists(registry);
            revert CreationFailed(registry);
        }
        emit Created(registry);
    }

    /// @inheritdoc IPackageIndexFactory
    function addressOf(address owner, address guardian, uint8 mode, bytes32 salt) external view returns (address) {
        return _addressOf(_initcode(owner, guardian, mode, salt));
    }

    /// @inheritdoc IPackageIndexFactory
    function implementation() external view returns (address) {
        return IMPLEMENTATION;
    }

    /// PUSH2 118, RETURNDATASIZE, DUP2, PUSH1 10, RETURNDATASIZE, CODECOPY, RETURN: the code is all that follows.
    function _initcode(address owner, address guardian, uint8 mode, bytes32 salt) private view returns (bytes memory) {
        return abi.encodePacked(
            hex"6100763d81600a3d39f3363d3d373d3d3d363d73",
            IMPLEMENTATION,
            hex"5af43d82803e903d91602b57fd5bf3",
            owner,
            guardian,
            mode,
            salt
        );
    }

    /// keccak256(0xff ‖ factory ‖ CREATE2 salt 0 ‖ keccak256(initcode))[12:]
    function _addressOf(bytes memory initcode) private view returns (address) {
        bytes32 digest = keccak256(abi.encodePacked(hex"ff", address(this), bytes32(0), keccak256(initcode)));
        return address(uint160(uint256(digest)));
    }
}
