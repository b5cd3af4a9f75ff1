// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPackageIndex} from "../src/IPackageIndex.sol";
import {vm} from "../test/Vm.sol";
import {AnyStep} from "./AnyStep.sol";

/// Whatever anybody calls, logs only grow: at the end, by what is stored, and by no more than the call asked for.
contract History is AnyStep {
    function check_LogsGrowByTheirNewBlob(address caller) public {
        Log memory project = logOf(ID);
        Log memory list = logOf(REGISTRY);
        (bytes4 selector, bool success) = step(caller);
        assert(blobs() == (success ? BLOBS + 1 : BLOBS));
        bool registrys = selector == IPackageIndex.transferRegistry.selector
            || selector == IPackageIndex.acceptRegistry.selector || selector == IPackageIndex.resignGuardian.selector;
        assert(grewOrStayed(ID, project) == (success && !registrys));
        assert(grewOrStayed(REGISTRY, list) == (success && (registrys || selector == IPackageIndex.claim.selector)));
    }

    /// Whether a log grew by the newest blob; if it did not, both its slots are as they were.
    function grewOrStayed(bytes32 id, Log memory before) private view returns (bool) {
        Log memory log = logOf(id);
        if (same(log, before)) return false;
        assert(countOf(log.a) == countOf(before.a) + 1);
        assert(lastOf(log.a) == BLOBS + 1 && lastOf(log.a) > lastOf(before.a));
        bytes32 head = lastOf(before.a) == 0 ? firstHead(id) : before.head;
        assert(log.head == keccak256(abi.encode(head, keccak256(blobAt(BLOBS + 1)))));
        return true;
    }

    function check_AClaimWithAReleaseIsTwoBlobs(address caller, address owner) public {
        Log memory project = logOf(ID);
        anyLookalike();
        bytes memory release = anyBytes();
        vm.prank(caller);
        try registry.claim(NAME, owner, release) {
            Log memory log = logOf(ID);
            assert(blobs() == BLOBS + 2 && lastOf(log.a) == BLOBS + 2);
            assert(countOf(log.a) == countOf(project.a) + 2);
            bytes32 head = keccak256(abi.encode(firstHead(ID), keccak256(blobAt(BLOBS + 1))));
            assert(log.head == keccak256(abi.encode(head, keccak256(blobAt(BLOBS + 2)))));
            assert(lastOf(logOf(REGISTRY).a) == BLOBS + 1);
        } catch {
            assert(same(logOf(ID), project));
            assert(blobs() == BLOBS);
        }
    }

    /// No stored blob changes, and a new one begins with STOP, so that nobody can make it do anything.
    function check_BlobsAreInert(address caller) public {
        bytes32[BLOBS] memory hashes;
        for (uint256 i = 0; i < BLOBS; ++i) {
            hashes[i] = keccak256(blobAt(i + 1));
        }
        (, bool success) = step(caller);
        for (uint256 i = 0; i < BLOBS; ++i) {
            assert(keccak256(blobAt(i + 1)) == hashes[i]);
        }
        if (success) assert(blobAt(BLOBS + 1)[0] == 0);
    }

    function check_NoStepTouchesAnotherLog(address caller, bytes32 id) public {
        vm.assume(id != ID && id != REGISTRY);
        Log memory before = logOf(id);
        step(caller);
        assert(same(logOf(id), before));
    }

    function firstHead(bytes32 id) private view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, registry, id));
    }
}
