// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPackageIndex} from "../src/IPackageIndex.sol";
import {RegistryTest} from "./RegistryTest.sol";
import {vm} from "./Vm.sol";

/// Who may append what to a project, and how owners and publishers come and go.
contract RolesTest is RegistryTest {
    address private constant STRANGER = address(0x5);

    // ---------------------------------------------------------------- who may append what

    function test_WhoMayAppendWhichKind() public {
        grant(PUBLISHER, FOR_EVER);
        for (uint256 kind = 0; kind <= 0xff; ++kind) {
            appendAs(OWNER, uint8(kind), refusalFor(OWNER, uint8(kind), FOR_EVER));
            appendAs(PUBLISHER, uint8(kind), refusalFor(PUBLISHER, uint8(kind), FOR_EVER));
            appendAs(STRANGER, uint8(kind), refusalFor(STRANGER, uint8(kind), FOR_EVER));
        }
    }

    function testFuzz_OnlyOwnerAndPublishersAppend(address caller, uint8 kind, uint40 granted, uint40 later) public {
        granted = uint40(START + 1 + granted % 1000);
        grant(PUBLISHER, granted);
        vm.warp(START + later % 1500);
        address[6] memory actors = [OWNER, PUBLISHER, GUARDIAN, REGISTRY_OWNER, address(registry), caller];
        address actor = actors[uint160(caller) % 6];
        appendAs(actor, kind, refusalFor(actor, kind, granted));
    }

    function appendAs(address actor, uint8 kind, bytes memory refusal) private {
        if (refusal.length != 0) vm.expectRevert(refusal);
        vm.prank(actor);
        registry.append(NAME, kind, "");
    }

    function refusalFor(address actor, uint8 kind, uint40 granted) private view returns (bytes memory) {
        if (kind < 0x01 || kind > 0x7f) return abi.encodeWithSelector(IPackageIndex.InvalidKind.selector, kind);
        if (actor == OWNER) return "";
        if (kind > 0x3f) return abi.encodeWithSelector(IPackageIndex.NotOwner.selector, actor, OWNER);
        uint40 until = actor == PUBLISHER ? granted : 0;
        if (block.timestamp < until) return "";
        return abi.encodeWithSelector(IPackageIndex.NotPublisher.selector, actor, until);
    }

    function test_NoStepWorksOnAnUnclaimedName() public {
        checkUnknown("free");
    }

    function testFuzz_NoStepWorksOnAnUnclaimedName(string memory name) public {
        vm.assume(keccak256(bytes(name)) != ID);
        checkUnknown(name);
    }

    function checkUnknown(string memory name) private {
        bytes memory refusal = abi.encodeWithSelector(IPackageIndex.UnknownProject.selector, name);
        vm.expectRevert(refusal);
        registry.append(name, 1, "");
        vm.expectRevert(refusal);
        registry.appendWithSig(name, 1, "", OWNER, START, "");
        vm.expectRevert(refusal);
        registry.setPublisher(name, PUBLISHER, FOR_EVER, 0);
        vm.expectRevert(refusal);
        registry.transferProject(name, PUBLISHER);
        vm.expectRevert(refusal);
        registry.acceptProject(name);
        vm.expectRevert(refusal);
        registry.setStatus(name, 0, "");
        vm.expectRevert(refusal);
        vm.prank(GUARDIAN);
        registry.quarantine(name, true, "");
    }

    function test_PayloadLength() public {
        bytes memory payload = new bytes(24_544);
        vm.expectRevert(abi.encodeWithSelector(IPackageIndex.PayloadTooLong.selector, 24_544, 24_543));
        vm.prank(OWNER);
        registry.append(NAME, 1, payload);
        assembly ("memory-safe") {
            mstore(payload, 24543)
        }
        vm.prank(OWNER);
        registry.append(NAME, 1, payload);
        requireNewest(NAME, 1, 1, OWNER, payload);
    }

    function testFuzz_PayloadLength(uint256 length) public {
        length %= 26_000;
        if (length > 24_543) refuse(IPackageIndex.PayloadTooLong.selector, length, 24_543);
        vm.prank(OWNER);
        registry.append(NAME, 1, new bytes(length));
    }

    // ---------------------------------------------------------------- publishers

    function test_RoleEntry() public {
        grant(PUBLISHER, FOR_EVER);
        requireNewest(NAME, 0x82, 1, OWNER, abi.encodePacked(PUBLISHER, FOR_EVER, uint40(0)));
        require(registry.publisherUntil(NAME, PUBLISHER) == FOR_EVER, "granted");
        vm.prank(OWNER);
        registry.setPublisher(NAME, PUBLISHER, 0, uint40(START - 1));
        requireNewest(NAME, 0x82, 2, OWNER, abi.encodePacked(PUBLISHER, uint40(0), uint40(START - 1)));
        require(registry.publisherUntil(NAME, PUBLISHER) == 0, "revoked");
    }

    function test_SenselessRolesAreRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IPackageIndex.ZeroAddress.selector));
        grant(address(0), FOR_EVER);
        refuse(IPackageIndex.OwnerIsNoPublisher.selector, OWNER);
        grant(OWNER, FOR_EVER);
        vm.warp(START + 1);
        refuse(IPackageIndex.AlreadyExpired.selector, START + 1, START + 1);
        grant(PUBLISHER, uint40(START + 1));
    }

    function test_AGrantEndsAtItsSecond() public {
        grant(PUBLISHER, uint40(START + 100));
        vm.warp(START + 99);
        appendAs(PUBLISHER, 1, "");
        vm.warp(START + 100);
        appendAs(PUBLISHER, 1, abi.encodeWithSelector(IPackageIndex.NotPublisher.selector, PUBLISHER, START + 100));
    }

    function testFuzz_AGrantEndsAtItsTime(uint40 until, uint40 time) public {
        vm.warp(START + time % 100);
        until = uint40(START - 50 + until % 200);
        if (until <= block.timestamp) refuse(IPackageIndex.AlreadyExpired.selector, until, block.timestamp);
        grant(PUBLISHER, until);
        require(registry.publisherUntil(NAME, PUBLISHER) == (until > block.timestamp ? until : 0), "until");
    }

    function testFuzz_CompromisedSinceLiesInTheLast30Days(uint40 since, uint40 until) public {
        since = uint40(START - 31 days + since % 32 days);
        until = until % 2 == 0 ? 0 : uint40(START + 1 + until % 1000);
        if (until != 0) {
            refuse(IPackageIndex.NotARevocation.selector, until);
        } else if (since < START - 30 days || since > START) {
            vm.expectRevert(
                abi.encodeWithSelector(IPackageIndex.InvalidCompromisedSince.selector, since, START - 30 days, START)
            );
        }
        vm.prank(OWNER);
        registry.setPublisher(NAME, PUBLISHER, until, since);
    }

    function test_CompromisedSinceToTheSecond() public {
        uint40[2] memory good = [uint40(START - 30 days), uint40(START)];
        uint40[3] memory bad = [uint40(1), uint40(START - 30 days - 1), uint40(START + 1)];
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(OWNER);
            registry.setPublisher(NAME, PUBLISHER, 0, good[i]);
        }
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IPackageIndex.InvalidCompromisedSince.selector, bad[i], START - 30 days, START)
            );
            vm.prank(OWNER);
            registry.setPublisher(NAME, PUBLISHER, 0, bad[i]);
        }
    }

    // ---------------------------------------------------------------- owners

    function testFuzz_StrangersChangeNoRole(address caller, address other, uint40 until) public {
        vm.assume(caller != OWNER);
        grant(PUBLISHER, FOR_EVER);
        refuse(IPackageIndex.NotOwner.selector, caller, OWNER);
        vm.prank(caller);
        registry.setPublisher(NAME, other, until, 0);
        refuse(IPackageIndex.NotOwner.selector, caller, OWNER);
        vm.prank(caller);
        registry.transferProject(NAME, other);
        refuse(IPackageIndex.NotOffered.selector, caller, address(0));
        vm.prank(caller);
        registry.acceptProject(NAME);
    }

    function test_OwnerEntries() public {
        vm.prank(OWNER);
        registry.transferProject(NAME, PUBLISHER);
        requireNewest(NAME, 0x81, 1, OWNER, abi.encodePacked(uint8(0), PUBLISHER));
        vm.prank(PUBLISHER);
        registry.acceptProject(NAME);
        requireNewest(NAME, 0x81, 2, PUBLISHER, abi.encodePacked(uint8(1), PUBLISHER));
    }

    function testFuzz_OwnershipChangesOnlyByAcceptance(address to, address other) public {
        vm.assume(to != address(0) && to != OWNER && to != PUBLISHER);
        grant(PUBLISHER, FOR_EVER);
        vm.prank(OWNER);
        registry.transferProject(NAME, to);
        require(ownerOf(NAME) == OWNER && registry.offeredTo(NAME) == to, "an offer changes no owner");
        if (other != to) {
            refuse(IPackageIndex.NotOffered.selector, other, to);
            vm.prank(other);
            registry.acceptProject(NAME);
        }
        vm.prank(to);
        registry.acceptProject(NAME);
        require(ownerOf(NAME) == to && registry.offeredTo(NAME) == address(0), "accepted");
        require(registry.publisherUntil(NAME, PUBLISHER) == 0, "publishers lapse");
        refuse(IPackageIndex.NotPublisher.selector, OWNER, 0);
        vm.prank(OWNER);
        registry.append(NAME, 1, "");
    }

    function testFuzz_AnOfferCanBeReplacedAndWithdrawn(address first, address second) public {
        vm.assume(first != second);
        vm.prank(OWNER);
        registry.transferProject(NAME, first);
        vm.prank(OWNER);
        registry.transferProject(NAME, second);
        refuse(IPackageIndex.NotOffered.selector, first, second);
        vm.prank(first);
        registry.acceptProject(NAME);
        vm.prank(OWNER);
        registry.transferProject(NAME, address(0));
        refuse(IPackageIndex.NotOffered.selector, second, address(0));
        vm.prank(second);
        registry.acceptProject(NAME);
        require(ownerOf(NAME) == OWNER, "owner");
    }

    function test_NobodyAcceptsWhatIsOfferedToNobody() public {
        refuse(IPackageIndex.NotOffered.selector, address(0), address(0));
        vm.prank(address(0));
        registry.acceptProject(NAME);
    }

    function test_TransfersStopBeforeTheEpochWraps() public {
        for (uint256 i = 0; i < 255; ++i) {
            vm.prank(OWNER);
            registry.transferProject(NAME, OWNER);
            vm.prank(OWNER);
            registry.acceptProject(NAME);
        }
        refuse(IPackageIndex.TooManyTransfers.selector, NAME);
        vm.prank(OWNER);
        registry.transferProject(NAME, OWNER);
    }
}
