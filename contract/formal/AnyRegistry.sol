// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPackageIndex} from "../src/IPackageIndex.sol";
import {IPackageIndexFactory} from "../src/IPackageIndexFactory.sol";
import {vm} from "../test/Vm.sol";
import {svm} from "./Svm.sol";

/// A registry in any state at any time, made with any owner, guardian and mode, and what proofs ask about it.
///
/// Every word of its storage stands for all values, reachable or not, except: it has stored three blobs, no log's `last`
/// lies behind them, and there is room for two more entries in a log's count. Bounded are the lengths: payloads, reasons
/// and releases are LENGTH bytes of anything; the project of every call is NAME. Times lie between START and 2^40. Gas
/// has no limit, and hashes do not collide.
abstract contract AnyRegistry {
    bool public constant IS_TEST = true;

    uint256 internal constant BLOBS = 3;
    uint256 internal constant LENGTH = 5;
    uint256 internal constant START = 1_800_000_000;
    string internal constant NAME = "some-project";
    bytes32 internal constant ID = keccak256("some-project");
    bytes32 internal constant REGISTRY = 0;

    struct Log {
        uint256 a;
        bytes32 head;
    }

    IPackageIndexFactory internal factory;
    IPackageIndex internal registry;
    address internal firstOwner;
    address internal firstGuardian;
    uint8 internal mode;

    function setUp() public virtual {
        vm.warp(START);
        factory = IPackageIndexFactory(deploy(vm.getCode("PackageIndexFactory.sol:PackageIndexFactory")));
        (firstOwner, firstGuardian) = (svm.createAddress("firstOwner"), svm.createAddress("firstGuardian"));
        vm.assume(firstOwner != address(0));
        mode = uint8(svm.createUint(8, "mode"));
        vm.assume(mode <= 1);
        registry = IPackageIndex(factory.create(firstOwner, firstGuardian, mode, svm.createBytes32("salt")));
        anyHistory();
        vm.warp(anyTime());
    }

    function anyHistory() private {
        for (uint256 i = 0; i < BLOBS; ++i) {
            vm.prank(firstOwner);
            registry.transferRegistry(address(0));
        }
        svm.enableSymbolicStorage(address(registry));
        anyLog(REGISTRY);
        anyLog(ID);
        vm.store(address(registry), keccak256(abi.encode(REGISTRY, uint256(3))), svm.createBytes32("offered"));
    }

    function anyLog(bytes32 id) private {
        bytes32 a = svm.createBytes32("slotA");
        vm.assume(lastOf(uint256(a)) <= BLOBS && countOf(uint256(a)) < type(uint32).max - 1);
        vm.store(address(registry), slotOf(id), a);
        vm.store(address(registry), bytes32(uint256(slotOf(id)) + 1), svm.createBytes32("head"));
    }

    function anyTime() private pure returns (uint256 time) {
        time = svm.createUint(40, "time");
        vm.assume(time >= START);
    }

    function deploy(bytes memory code) private returns (address made) {
        assembly ("memory-safe") {
            made := create(0, add(code, 0x20), mload(code))
        }
    }

    // ---------------------------------------------------------------- the state

    function slotOf(bytes32 id) internal pure returns (bytes32) {
        return keccak256(abi.encode(id, uint256(0)));
    }

    function logOf(bytes32 id) internal view returns (Log memory log) {
        log.a = uint256(vm.load(address(registry), slotOf(id)));
        log.head = vm.load(address(registry), bytes32(uint256(slotOf(id)) + 1));
    }

    /// Who owns the registry in this state of its log. Asked after a step, for a branch before it doubles its paths.
    function registryOwnerOf(Log memory list) internal view returns (address) {
        return lastOf(list.a) == 0 ? firstOwner : ownerOf(list.a);
    }

    function guardianResigned() internal view returns (bool) {
        return uint8(uint256(vm.load(address(registry), bytes32(uint256(5))))) != 0;
    }

    /// When the permission of a role epoch ends.
    function grantOf(uint8 epoch, address account) internal view returns (uint40) {
        bytes32 grants = keccak256(abi.encode(ID, uint256(2)));
        uint256 key = uint256(epoch) << 160 | uint160(account);
        return uint40(uint256(vm.load(address(registry), keccak256(abi.encode(key, grants)))));
    }

    function mayPublish(uint256 a, address account) internal view returns (bool) {
        return account == ownerOf(a) || block.timestamp < grantOf(epochOf(a), account);
    }

    /// Leaves out the cases in which an account has a role in the project.
    function assumeNoRole(uint256 a, address account) internal view {
        vm.assume(account != ownerOf(a));
        vm.assume(block.timestamp >= grantOf(epochOf(a), account));
    }

    /// keccak256(rlp([registry, nonce]))[12:] holds a blob, for nonces below 0x80.
    function blobAt(uint256 nonce) internal view returns (bytes memory) {
        return address(uint160(uint256(keccak256(abi.encodePacked(hex"d694", registry, uint8(nonce)))))).code;
    }

    /// The newest blob has this header: where the entry before it is, who made it, when.
    function assertNewest(uint8 kind, uint48 prev, address actor, bytes memory payload) internal view {
        bytes memory blob = abi.encodePacked(uint8(0), kind, prev, actor, uint40(block.timestamp), payload);
        assert(keccak256(blobAt(BLOBS + 1)) == keccak256(blob));
    }

    function blobs() internal view returns (uint256) {
        return uint256(vm.load(address(registry), bytes32(uint256(1))));
    }

    /// In one comparison, because every branch doubles the paths.
    function same(Log memory log, Log memory other) internal pure returns (bool) {
        return (log.a ^ other.a) | uint256(log.head ^ other.head) == 0;
    }

    function ownerOf(uint256 a) internal pure returns (address) {
        return address(uint160(a));
    }

    function countOf(uint256 a) internal pure returns (uint32) {
        return uint32(a >> 160);
    }

    function lastOf(uint256 a) internal pure returns (uint48) {
        return uint48(a >> 192);
    }

    function statusOf(uint256 a) internal pure returns (uint8) {
        return uint8(a >> 240);
    }

    function epochOf(uint256 a) internal pure returns (uint8) {
        return uint8(a >> 248);
    }
}
