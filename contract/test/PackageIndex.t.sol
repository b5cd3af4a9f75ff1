// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPackageIndex} from "../src/IPackageIndex.sol";
import {PackageIndex} from "../src/PackageIndex.sol";
import {vm} from "./Vm.sol";

/// Fuzz tests of the rules, each against a second, plainer statement of the same rule.
contract PackageIndexTest {
    bool public constant IS_TEST = true;
    uint256 private constant START = 1_800_000_000;
    address private constant OWNER = address(0xA11CE);
    address private constant PUBLISHER = address(0xB0B);
    string private constant NAME = "some-project";
    bytes32 private constant ID = keccak256("some-project");

    PackageIndex private registry;

    function setUp() public {
        vm.warp(START);
        registry = new PackageIndex(address(this));
        registry.claim(NAME, OWNER, "");
    }

    // ---------------------------------------------------------------- names

    function testFuzz_NameOfPlausibleCharacters(uint256 length, uint256 seed) public {
        bytes memory name = new bytes(length % 12);
        for (uint256 i = 0; i < name.length; ++i) {
            name[i] = bytes("abz09--A_.")[uint256(keccak256(abi.encode(seed, i))) % 10];
        }
        checkName(name);
    }

    function testFuzz_NameOfAnyBytes(bytes memory name) public {
        checkName(name);
    }

    function testFuzz_NameOfOneByte(bytes1 c, uint8 position) public {
        bytes memory name = bytes("abcdefgh");
        name[position % 8] = c;
        checkName(name);
    }

    function test_NameLength() public {
        bytes memory name = new bytes(129);
        for (uint256 i = 0; i < name.length; ++i) {
            name[i] = "x";
        }
        checkName(name);
        assembly ("memory-safe") {
            mstore(name, 128)
        }
        checkName(name);
    }

    function checkName(bytes memory name) private {
        if (!isNormalForm(name)) vm.expectRevert(abi.encodeWithSelector(IPackageIndex.InvalidName.selector, name));
        registry.claim(string(name), OWNER, "");
    }

    function isNormalForm(bytes memory name) private pure returns (bool) {
        if (name.length == 0 || name.length > 128 || name[0] == "-" || name[name.length - 1] == "-") return false;
        for (uint256 i = 0; i < name.length; ++i) {
            bytes1 c = name[i];
            if (c == "-" && name[i - 1] == "-") return false;
            if (c != "-" && !(c >= "a" && c <= "z") && !(c >= "0" && c <= "9")) return false;
        }
        return true;
    }

    // ---------------------------------------------------------------- who may append what

    function testFuzz_OnlyOwnerAndPublishersAppend(address caller, uint8 kind, uint40 granted, uint40 later) public {
        granted = uint40(START + 1 + granted % 1000);
        uint256 time = START + later % 1500;
        vm.prank(OWNER);
        registry.setPublisher(NAME, PUBLISHER, granted, 0);
        address[3] memory callers = [OWNER, PUBLISHER, caller];
        address actor = callers[uint160(caller) % 3];
        vm.warp(time);
        bytes memory refusal = refusalFor(actor, kind, granted, time);
        if (refusal.length != 0) vm.expectRevert(refusal);
        vm.prank(actor);
        registry.append(NAME, kind, "");
    }

    function refusalFor(address actor, uint8 kind, uint40 granted, uint256 time) private pure returns (bytes memory) {
        if (kind < 0x01 || kind > 0x7f) return abi.encodeWithSelector(IPackageIndex.InvalidKind.selector, kind);
        if (actor == OWNER) return "";
        if (kind > 0x3f) return abi.encodeWithSelector(IPackageIndex.NotOwner.selector, actor, OWNER);
        uint40 until = actor == PUBLISHER ? granted : 0;
        if (time < until) return "";
        return abi.encodeWithSelector(IPackageIndex.NotPublisher.selector, actor, until);
    }

    function testFuzz_StrangersChangeNoRole(address caller, address other, uint40 until) public {
        vm.assume(caller != OWNER);
        bytes memory refusal = abi.encodeWithSelector(IPackageIndex.NotOwner.selector, caller, OWNER);
        vm.expectRevert(refusal);
        vm.prank(caller);
        registry.setPublisher(NAME, other, until, 0);
        vm.expectRevert(refusal);
        vm.prank(caller);
        registry.transferProject(NAME, other);
        vm.expectRevert(abi.encodeWithSelector(IPackageIndex.NotOffered.selector, caller, address(0)));
        vm.prank(caller);
        registry.acceptProject(NAME);
    }

    function testFuzz_CompromisedSinceLiesInTheLast30Days(uint40 since, uint40 until) public {
        since = uint40(START - 31 days + since % 32 days);
        until = until % 2 == 0 ? 0 : uint40(START + 1 + until % 1000);
        if (until != 0) {
            vm.expectRevert(abi.encodeWithSelector(IPackageIndex.NotARevocation.selector, until));
        } else if (since < START - 30 days || since > START) {
            vm.expectRevert(
                abi.encodeWithSelector(IPackageIndex.InvalidCompromisedSince.selector, since, START - 30 days, START)
            );
        }
        vm.prank(OWNER);
        registry.setPublisher(NAME, PUBLISHER, until, since);
    }

    function testFuzz_OwnershipChangesOnlyByAcceptance(address to) public {
        vm.assume(to != address(0) && to != OWNER);
        vm.prank(OWNER);
        registry.setPublisher(NAME, PUBLISHER, type(uint40).max, 0);
        vm.prank(OWNER);
        registry.transferProject(NAME, to);
        require(ownerOf() == OWNER && registry.offeredTo(NAME) == to, "an offer changes no owner");
        vm.prank(to);
        registry.acceptProject(NAME);
        require(ownerOf() == to && registry.offeredTo(NAME) == address(0), "accepted");
        require(registry.publisherUntil(NAME, PUBLISHER) == 0, "publishers lapse");
    }

    function test_TransfersStopBeforeTheEpochWraps() public {
        for (uint256 i = 0; i < 255; ++i) {
            vm.prank(OWNER);
            registry.transferProject(NAME, OWNER);
            vm.prank(OWNER);
            registry.acceptProject(NAME);
        }
        vm.expectRevert(abi.encodeWithSelector(IPackageIndex.TooManyTransfers.selector, NAME));
        vm.prank(OWNER);
        registry.transferProject(NAME, OWNER);
    }

    function ownerOf() private view returns (address) {
        (uint256 slotA,,,) = registry.read(NAME, 0, 0, 0);
        return address(uint160(slotA));
    }

    // ---------------------------------------------------------------- blobs and heads

    function testFuzz_BlobAndHead(uint8 kind, bytes memory payload, uint40 time) public {
        kind = 1 + kind % 0x7f;
        vm.warp(START + time % 1 days);
        (uint256 slotA, bytes32 head,,) = registry.read(NAME, 0, 0, 0);
        uint48 last = uint48(slotA >> 192);
        vm.prank(OWNER);
        registry.append(NAME, kind, payload);
        bytes memory blob = abi.encodePacked(uint8(0), kind, last, OWNER, uint40(block.timestamp), payload);
        require(keccak256(vm.computeCreateAddress(address(registry), 2).code) == keccak256(blob), "blob");
        (uint256 newSlotA, bytes32 newHead,,) = registry.read(NAME, 0, 0, 0);
        require(newHead == keccak256(abi.encodePacked(head, keccak256(blob))), "head");
        require(newSlotA == slotA + (1 << 160) + (uint256(2 - last) << 192), "slot A");
        bytes32 slot = keccak256(abi.encode(ID, 0));
        require(vm.load(address(registry), slot) == bytes32(newSlotA), "slot A is where the specification says");
        require(vm.load(address(registry), bytes32(uint256(slot) + 1)) == newHead, "and slot B");
    }

    /// The contract refuses to store a blob anywhere but at CREATE(registry, nonce), so success is the proof.
    function testFuzz_BlobAddressForEveryNonce(uint48 nonce) public {
        checkNonce(nonce);
        for (uint256 bits = 7; bits < 48; ++bits) {
            checkNonce(1 << bits);
            checkNonce((1 << bits) - 1);
        }
    }

    function checkNonce(uint256 nonce) private {
        address expected = vm.computeCreateAddress(address(registry), nonce);
        if (nonce < 2 || expected.code.length != 0) return;
        vm.setNonceUnsafe(address(registry), uint64(nonce));
        vm.store(address(registry), bytes32(uint256(1)), bytes32(nonce - 1));
        vm.prank(OWNER);
        registry.append(NAME, 1, "");
        require(expected.code.length == 33, "blob");
        (,,, bytes memory page) = registry.read(NAME, nonce - 1, 0, 1000);
        require(page.length == 37, "read");
    }

    function test_WrongNonceReverts() public {
        vm.setNonceUnsafe(address(registry), 7);
        vm.expectRevert(
            abi.encodeWithSelector(
                IPackageIndex.UnexpectedBlobAddress.selector,
                vm.computeCreateAddress(address(registry), 7),
                vm.computeCreateAddress(address(registry), 2)
            )
        );
        vm.prank(OWNER);
        registry.append(NAME, 1, "");
    }

    // ---------------------------------------------------------------- pages

    function testFuzz_PagesOfAnySizeAddUp(uint256 maxBytes, uint8 entries, uint256 seed) public {
        entries = entries % 24;
        for (uint256 i = 0; i < entries; ++i) {
            vm.prank(OWNER);
            registry.append(NAME, 1, new bytes(uint256(keccak256(abi.encode(seed, i))) % 200));
        }
        maxBytes = 300 + maxBytes % 4000;
        (,,, bytes memory whole) = registry.read(NAME, 0, 0, type(uint256).max);
        bytes memory pages;
        uint256 next;
        do {
            bytes memory page;
            (,, next, page) = registry.read(NAME, 0, next, maxBytes);
            require(page.length != 0 && page.length <= maxBytes, "bounded and never stuck");
            pages = bytes.concat(pages, page);
        } while (next != 0);
        require(keccak256(pages) == keccak256(whole), "the pages are the log");
    }

    function testFuzz_ReadFromAnywhereTerminates(uint256 known, uint256 from, bytes memory payload) public {
        vm.prank(OWNER);
        registry.append(NAME, 1, payload);
        from %= 4;
        (,, uint256 next, bytes memory page) = registry.read("", known % 4, from, type(uint256).max);
        require(next == 0, "a payload that is read as rprev leads nowhere");
        require(page.length <= 2 * (4 + 33) + 200 + payload.length, "and nothing is read twice");
    }

    function testFuzz_NothingIsBehindTheLastBlob(uint256 from) public view {
        if (from < 2) from += 2;
        (uint256 slotA, bytes32 head, uint256 next, bytes memory page) = registry.read(NAME, 0, from, 10_000);
        require(slotA != 0 && head != 0 && next == 0 && page.length == 0, "read");
        (uint256 total, uint256 after_, bytes memory all) = registry.scan(from, 10_000);
        require(total == 1 && after_ == 0 && all.length == 0, "scan");
    }

    function testFuzz_AnyGasGivesAPageOrNothing(uint256 gasLimit) public {
        for (uint256 i = 0; i < 30; ++i) {
            vm.prank(OWNER);
            registry.append(NAME, 1, new bytes(300 * (i % 4)));
        }
        (,,, bytes memory whole) = registry.read(NAME, 0, 0, type(uint256).max);
        gasLimit = 30_000 + gasLimit % 200_000;
        (,, uint256 next, bytes memory page) = registry.read{gas: gasLimit}(NAME, 0, 0, type(uint256).max);
        require((next == 0) == (page.length == whole.length), "complete or a cursor");
        for (uint256 i = 0; i < page.length; ++i) {
            require(page[i] == whole[i], "a page is a prefix");
        }
    }
}
