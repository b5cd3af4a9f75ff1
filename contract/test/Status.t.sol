// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPackageIndex} from "../src/IPackageIndex.sol";
import {RegistryTest} from "./RegistryTest.sol";
import {vm} from "./Vm.sol";

/// Status bits: the owner's seven, the guardian's one, and what they close.
contract StatusTest is RegistryTest {
    function setStatus(uint8 status, string memory reason) private {
        vm.prank(OWNER);
        registry.setStatus(NAME, status, reason);
    }

    function quarantine(bool on, string memory reason) private {
        vm.prank(GUARDIAN);
        registry.quarantine(NAME, on, reason);
    }

    function test_StatusEntries() public {
        setStatus(0x01, "moved");
        requireNewest(NAME, 0x83, 1, OWNER, abi.encodePacked(uint8(0x01), "moved"));
        quarantine(true, "malware");
        requireNewest(NAME, 0x83, 2, GUARDIAN, abi.encodePacked(uint8(0x81), "malware"));
        setStatus(0x02, "");
        requireNewest(NAME, 0x83, 3, OWNER, abi.encodePacked(uint8(0x82)));
        quarantine(false, "a mistake");
        requireNewest(NAME, 0x83, 4, GUARDIAN, abi.encodePacked(uint8(0x02), "a mistake"));
    }

    function testFuzz_NeitherTouchesTheOthersBits(uint256 steps) public {
        uint8 owners;
        bool guardians;
        for (uint256 i = 0; i < 16; ++i) {
            uint8 step = uint8(steps >> i * 8);
            if (step < 0x80) {
                setStatus(step, "");
                owners = step;
            } else {
                quarantine(step % 2 == 0, "");
                guardians = step % 2 == 0;
            }
            require(statusOf(NAME) == owners + (guardians ? 0x80 : 0), "status");
        }
        require(ownerOf(NAME) == OWNER, "nothing else");
    }

    function test_TheGuardiansBitIsNotTheOwners() public {
        refuse(IPackageIndex.InvalidStatus.selector, 0x80);
        setStatus(0x80, "");
    }

    function testFuzz_TheOwnersBits(uint8 status) public {
        if (status >= 0x80) refuse(IPackageIndex.InvalidStatus.selector, status);
        setStatus(status, "");
        require(statusOf(NAME) == (status >= 0x80 ? 0 : status), "status");
    }

    function testFuzz_StrangersChangeNoStatus(address caller, uint8 status, bool on) public {
        if (caller != OWNER) {
            refuse(IPackageIndex.NotOwner.selector, caller, OWNER);
            vm.prank(caller);
            registry.setStatus(NAME, status, "");
        }
        if (caller != GUARDIAN) {
            refuse(IPackageIndex.NotGuardian.selector, caller, GUARDIAN);
            vm.prank(caller);
            registry.quarantine(NAME, on, "");
        }
    }

    function test_TheGuardianHasNoOtherPower() public {
        refuse(IPackageIndex.NotPublisher.selector, GUARDIAN, 0);
        vm.prank(GUARDIAN);
        registry.append(NAME, 1, "");
        refuse(IPackageIndex.NotOwner.selector, GUARDIAN, OWNER);
        vm.prank(GUARDIAN);
        registry.setStatus(NAME, 0, "");
        refuse(IPackageIndex.NotOwner.selector, GUARDIAN, REGISTRY_OWNER);
        vm.prank(GUARDIAN);
        registry.transferRegistry(GUARDIAN);
        registry = curated();
        refuse(IPackageIndex.NotOwner.selector, GUARDIAN, REGISTRY_OWNER);
        vm.prank(GUARDIAN);
        registry.claim("free", GUARDIAN, "");
    }

    function test_ReasonLength() public {
        setStatus(1, string(new bytes(512)));
        refuse(IPackageIndex.ReasonTooLong.selector, 513, 512);
        setStatus(1, string(new bytes(513)));
        refuse(IPackageIndex.ReasonTooLong.selector, 513, 512);
        quarantine(true, string(new bytes(513)));
    }

    function testFuzz_ReasonLength(uint256 length) public {
        length %= 1024;
        if (length > 512) refuse(IPackageIndex.ReasonTooLong.selector, length, 512);
        quarantine(true, string(new bytes(length)));
    }

    // ---------------------------------------------------------------- what is closed

    function test_ArchivedOrQuarantinedTakesNoReleases() public {
        grant(PUBLISHER, FOR_EVER);
        uint8[3] memory closed = [0x01, 0x80, 0x81];
        for (uint256 i = 0; i < 3; ++i) {
            checkAppend(OWNER, 0x01, closed[i]);
            checkAppend(PUBLISHER, 0x1f, closed[i]);
            checkAppend(PUBLISHER, 0x20, closed[i]);
            checkAppend(OWNER, 0x40, closed[i]);
        }
        checkAppend(OWNER, 0x01, 0x7e);
    }

    function testFuzz_WhatIsClosed(uint8 status, uint8 kind, bool byOwner) public {
        grant(PUBLISHER, FOR_EVER);
        checkAppend(byOwner ? OWNER : PUBLISHER, byOwner ? 1 + kind % 0x7f : 1 + kind % 0x3f, status);
    }

    function checkAppend(address actor, uint8 kind, uint8 status) private {
        setStatus(status & 0x7f, "");
        quarantine(status >= 0x80, "");
        bool closed = status & 0x81 != 0 && kind < 0x20;
        if (closed) refuse(IPackageIndex.ReleasesClosed.selector, status);
        vm.prank(actor);
        registry.append(NAME, kind, "payload");
        if (!closed) require(uint8(newest(NAME)[1]) == kind, "appended");
    }

    function test_RolesGoOnWhileQuarantined() public {
        quarantine(true, "");
        grant(PUBLISHER, FOR_EVER);
        vm.prank(OWNER);
        registry.transferProject(NAME, PUBLISHER);
        vm.prank(PUBLISHER);
        registry.acceptProject(NAME);
        require(ownerOf(NAME) == PUBLISHER && statusOf(NAME) == 0x80, "the status stays");
    }

    function testFuzz_AcceptanceKeepsTheStatus(uint8 status) public {
        setStatus(status & 0x7f, "");
        quarantine(status >= 0x80, "");
        vm.prank(OWNER);
        registry.transferProject(NAME, PUBLISHER);
        vm.prank(PUBLISHER);
        registry.acceptProject(NAME);
        require(statusOf(NAME) == status, "status");
    }

    // ---------------------------------------------------------------- the end of the office

    function test_Resignation() public {
        quarantine(true, "");
        vm.prank(GUARDIAN);
        registry.resignGuardian();
        requireNewest("", 0x81, 0, GUARDIAN, abi.encodePacked(uint48(1), uint8(2), GUARDIAN));
        require(registry.guardian() == address(0), "nobody");
        refuse(IPackageIndex.NotGuardian.selector, GUARDIAN, address(0));
        quarantine(false, "");
        refuse(IPackageIndex.NotGuardian.selector, GUARDIAN, address(0));
        vm.prank(GUARDIAN);
        registry.resignGuardian();
        require(statusOf(NAME) == 0x80, "what is quarantined remains so");
    }

    function testFuzz_NobodyResignsForTheGuardian(address caller) public {
        vm.assume(caller != GUARDIAN);
        refuse(IPackageIndex.NotGuardian.selector, caller, GUARDIAN);
        vm.prank(caller);
        registry.resignGuardian();
        require(registry.guardian() == GUARDIAN, "still there");
    }

    function test_WithoutAGuardianThereIsNone() public {
        checkNoGuardian(address(0));
        checkNoGuardian(REGISTRY_OWNER);
    }

    function testFuzz_WithoutAGuardianThereIsNone(address caller) public {
        checkNoGuardian(caller);
    }

    function checkNoGuardian(address caller) private {
        IPackageIndex free = IPackageIndex(factory.create(REGISTRY_OWNER, address(0), OPEN, bytes32(block.timestamp)));
        vm.warp(block.timestamp + 1);
        require(free.guardian() == address(0), "none");
        free.claim(NAME, OWNER, "");
        refuse(IPackageIndex.NotGuardian.selector, caller, address(0));
        vm.prank(caller);
        free.quarantine(NAME, true, "");
        refuse(IPackageIndex.NotGuardian.selector, caller, address(0));
        vm.prank(caller);
        free.resignGuardian();
    }
}
