// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPackageIndex} from "../src/IPackageIndex.sol";
import {IPackageIndexFactory} from "../src/IPackageIndexFactory.sol";
import {vm} from "./Vm.sol";

/// An open registry with a guardian, in which OWNER has claimed NAME, and shorthands.
abstract contract RegistryTest {
    bool public constant IS_TEST = true;

    uint8 internal constant OPEN = 0;
    uint8 internal constant CURATED = 1;
    uint256 internal constant START = 1_800_000_000;
    uint40 internal constant FOR_EVER = type(uint40).max;
    address internal constant REGISTRY_OWNER = address(0x0DD);
    address internal constant GUARDIAN = address(0x6A9D);
    address internal constant OWNER = address(0xA11CE);
    address internal constant PUBLISHER = address(0xB0B);
    string internal constant NAME = "some-project";
    bytes32 internal constant ID = keccak256("some-project");

    IPackageIndexFactory internal factory;
    IPackageIndex internal registry;

    function setUp() public virtual {
        vm.warp(START);
        factory = newFactory(0);
        registry = IPackageIndex(factory.create(REGISTRY_OWNER, GUARDIAN, OPEN, 0));
        registry.claim(NAME, OWNER, "");
    }

    /// By its artifact, because compiling the contracts into every test again takes minutes.
    function newFactory(bytes32 salt) internal returns (IPackageIndexFactory) {
        bytes memory code = vm.getCode("PackageIndexFactory.sol:PackageIndexFactory");
        address made;
        assembly ("memory-safe") {
            made := create2(0, add(code, 0x20), mload(code), salt)
        }
        return IPackageIndexFactory(made);
    }

    function curated() internal returns (IPackageIndex) {
        return IPackageIndex(factory.create(REGISTRY_OWNER, GUARDIAN, CURATED, 0));
    }

    function grant(address account, uint40 until) internal {
        vm.prank(OWNER);
        registry.setPublisher(NAME, account, until, 0);
    }

    /// Slot A and the head of a log.
    function slots(string memory name) internal view returns (uint256 slotA, bytes32 head) {
        (slotA, head,,) = registry.read(name, 0, 0, 0);
    }

    function headOf(string memory name) internal view returns (bytes32 head) {
        (, head) = slots(name);
    }

    function ownerOf(string memory name) internal view returns (address) {
        (uint256 slotA,) = slots(name);
        return address(uint160(slotA));
    }

    function statusOf(string memory name) internal view returns (uint8) {
        (uint256 slotA,) = slots(name);
        return uint8(slotA >> 240);
    }

    /// The newest blob of a log.
    function newest(string memory name) internal view returns (bytes memory blob) {
        (,,, bytes memory page) = registry.read(name, 0, 0, 25_000);
        uint256 length = uint32(bytes4(page));
        blob = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            blob[i] = page[4 + i];
        }
    }

    /// The newest blob of a log is this one.
    function requireNewest(string memory log, uint8 kind, uint48 prev, address actor, bytes memory payload)
        internal
        view
    {
        bytes memory blob = abi.encodePacked(uint8(0), kind, prev, actor, uint40(block.timestamp), payload);
        require(keccak256(newest(log)) == keccak256(blob), "the newest blob");
    }

    function refuse(bytes4 reason, uint256 a) internal {
        vm.expectRevert(abi.encodeWithSelector(reason, a));
    }

    function refuse(bytes4 reason, address a) internal {
        vm.expectRevert(abi.encodeWithSelector(reason, a));
    }

    function refuse(bytes4 reason, address a, address b) internal {
        vm.expectRevert(abi.encodeWithSelector(reason, a, b));
    }

    function refuse(bytes4 reason, address a, uint256 b) internal {
        vm.expectRevert(abi.encodeWithSelector(reason, a, b));
    }

    function refuse(bytes4 reason, uint256 a, uint256 b) internal {
        vm.expectRevert(abi.encodeWithSelector(reason, a, b));
    }

    function refuse(bytes4 reason, string memory a) internal {
        vm.expectRevert(abi.encodeWithSelector(reason, a));
    }
}
