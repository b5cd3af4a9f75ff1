// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPackageIndex} from "../src/IPackageIndex.sol";
import {RegistryTest} from "./RegistryTest.sol";
import {vm} from "./Vm.sol";

/// Blobs, where they are, and the heads and slots that commit to them.
contract LogsTest is RegistryTest {
    function append(uint8 kind, bytes memory payload) private {
        vm.prank(OWNER);
        registry.append(NAME, kind, payload);
    }

    function head0(bytes32 id) private view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(registry), id));
    }

    function fold(bytes32 head, bytes memory blob) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(head, keccak256(blob)));
    }

    function test_AClaimIsOneBlobInTwoLogs() public {
        bytes memory first =
            abi.encodePacked(hex"0080", uint48(0), address(this), uint40(START), uint48(0), OWNER, "some-project");
        require(keccak256(vm.computeCreateAddress(address(registry), 1).code) == keccak256(first), "blob");
        bytes32 registryHead = fold(head0(0), first);
        require(headOf("") == registryHead && headOf(NAME) == fold(head0(ID), first), "heads");
        registry.claim("next", PUBLISHER, "");
        bytes memory second =
            abi.encodePacked(hex"0080", uint48(0), address(this), uint40(START), uint48(1), PUBLISHER, "next");
        require(headOf("") == fold(registryHead, second), "the registry's head");
        require(headOf("next") == fold(head0(keccak256("next")), second), "the project's head");
    }

    function testFuzz_BlobAndHead(uint8 kind, bytes memory payload, uint40 time) public {
        kind = 1 + kind % 0x7f;
        vm.warp(START + time % 1 days);
        (uint256 slotA, bytes32 head) = slots(NAME);
        uint48 last = uint48(slotA >> 192);
        append(kind, payload);
        bytes memory blob = abi.encodePacked(uint8(0), kind, last, OWNER, uint40(block.timestamp), payload);
        require(keccak256(vm.computeCreateAddress(address(registry), 2).code) == keccak256(blob), "blob");
        (uint256 newSlotA, bytes32 newHead) = slots(NAME);
        require(newHead == fold(head, blob), "head");
        require(newSlotA == slotA + (1 << 160) + (uint256(2 - last) << 192), "slot A");
    }

    function test_Slots() public {
        grant(PUBLISHER, FOR_EVER);
        vm.prank(OWNER);
        registry.transferProject(NAME, PUBLISHER);
        checkSlots(PUBLISHER, FOR_EVER);
        require(vm.load(address(registry), bytes32(uint256(5))) == 0, "no resignation");
        vm.prank(GUARDIAN);
        registry.resignGuardian();
        require(vm.load(address(registry), bytes32(uint256(5))) == bytes32(uint256(1)), "resignation");
    }

    function testFuzz_Slots(address account, uint40 until) public {
        vm.assume(account != address(0) && account != OWNER && until > START);
        grant(account, until);
        vm.prank(OWNER);
        registry.transferProject(NAME, account);
        checkSlots(account, until);
    }

    /// A key of publishers is epoch ‖ account; the contract shifts, this joins.
    function test_ThePublishersOfLaterEpochs() public {
        for (uint8 epoch = 1; epoch < 20; ++epoch) {
            vm.prank(OWNER);
            registry.transferProject(NAME, OWNER);
            vm.prank(OWNER);
            registry.acceptProject(NAME);
            grant(PUBLISHER, uint40(START + epoch));
            bytes32 key = bytes32(abi.encodePacked(uint88(0), epoch, PUBLISHER));
            require(uint256(load(keccak256(abi.encode(key, keccak256(abi.encode(ID, 2)))))) == START + epoch, "key");
        }
    }

    /// The layout of docs/contract-storage.md.
    function checkSlots(address account, uint40 until) private view {
        (uint256 slotA, bytes32 head) = slots(NAME);
        bytes32 slot = keccak256(abi.encode(ID, 0));
        require(load(slot) == bytes32(slotA), "slot A is where the specification says");
        require(load(bytes32(uint256(slot) + 1)) == head, "and slot B");
        require(load(bytes32(uint256(1))) == bytes32(uint256(vm.getNonce(address(registry)) - 1)), "blobs");
        bytes32 role = keccak256(abi.encode(uint256(uint160(account)), keccak256(abi.encode(ID, 2))));
        require(load(role) == bytes32(uint256(until)), "publishers");
        require(load(keccak256(abi.encode(ID, 3))) == bytes32(uint256(uint160(account))), "offers");
        require(load(keccak256(abi.encode(keccak256("s0mepr0ject"), 4))) == bytes32(uint256(1)), "lookalikes");
    }

    function load(bytes32 slot) private view returns (bytes32) {
        return vm.load(address(registry), slot);
    }

    function test_EveryStepEmitsOneEvent() public {
        vm.expectEmit(address(registry));
        emit IPackageIndex.Claimed(keccak256("next"), OWNER, 2, "next");
        registry.claim("next", OWNER, "");
        vm.expectEmit(address(registry));
        emit IPackageIndex.Appended(ID, OWNER, 3);
        append(1, "");
        vm.expectEmit(address(registry));
        emit IPackageIndex.Appended(0, REGISTRY_OWNER, 4);
        vm.prank(REGISTRY_OWNER);
        registry.transferRegistry(OWNER);
    }

    // ---------------------------------------------------------------- where blobs are

    function test_BlobAddressAroundEveryLengthOfTheNonce() public {
        for (uint256 bits = 7; bits < 48; ++bits) {
            checkNonce(2 ** bits);
            checkNonce((2 ** bits) - 1);
        }
    }

    function testFuzz_BlobAddressForEveryNonce(uint48 nonce) public {
        checkNonce(nonce);
    }

    /// The contract refuses to store a blob anywhere but at CREATE(registry, nonce), so success is the proof.
    function checkNonce(uint256 nonce) private {
        address expected = vm.computeCreateAddress(address(registry), nonce);
        if (nonce < 2 || expected.code.length != 0) return;
        vm.setNonceUnsafe(address(registry), uint64(nonce));
        vm.store(address(registry), bytes32(uint256(1)), bytes32(nonce - 1));
        append(1, "");
        require(expected.code.length == 33, "blob");
        (,,, bytes memory page) = registry.read(NAME, nonce - 1, 0, 1000);
        require(page.length == 37, "read");
    }

    function test_AnotherNonceReverts() public {
        checkOtherNonce(7);
    }

    function testFuzz_AnotherNonceReverts(uint64 nonce) public {
        vm.assume(nonce > 2 && nonce < type(uint64).max);
        checkOtherNonce(nonce);
    }

    function checkOtherNonce(uint64 nonce) private {
        vm.setNonceUnsafe(address(registry), nonce);
        refuse(
            IPackageIndex.UnexpectedBlobAddress.selector,
            vm.computeCreateAddress(address(registry), nonce),
            vm.computeCreateAddress(address(registry), 2)
        );
        append(1, "");
    }

    function test_ABlobThatIsNotStoredReverts() public {
        address blob = vm.computeCreateAddress(address(registry), 2);
        vm.etch(blob, "taken");
        refuse(IPackageIndex.UnexpectedBlobAddress.selector, address(0), blob);
        append(1, "");
    }

    function testFuzz_LittleGasStoresAllOrNothing(uint256 gasLimit) public {
        gasLimit = 20_000 + gasLimit % 150_000;
        bytes32 head = headOf(NAME);
        vm.prank(OWNER);
        try registry.append{gas: gasLimit}(NAME, 1, "payload") {
            requireNewest(NAME, 1, 1, OWNER, "payload");
        } catch {
            require(headOf(NAME) == head && vm.getNonce(address(registry)) == 2, "nothing");
        }
    }
}
