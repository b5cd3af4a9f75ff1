// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {RegistryTest} from "./RegistryTest.sol";
import {vm} from "./Vm.sol";

/// Reading: newest first behind a cursor, bounded by bytes and by gas; scans in nonce order.
contract PagesTest is RegistryTest {
    uint256 private constant NO_LIMIT = type(uint256).max;

    function append(bytes memory payload) private {
        vm.prank(OWNER);
        registry.append(NAME, 1, payload);
    }

    function test_PageAndCursor() public {
        append("second");
        append("third");
        (,, uint256 next, bytes memory page) = registry.read(NAME, 0, 0, 4 + 33 + 5);
        require(next == 2 && page.length == 42, "one entry, and where the next is");
        (,, next, page) = registry.read(NAME, 1, next, 1000);
        require(next == 0 && page.length == 43, "down to what is known");
        (,, next, page) = registry.read(NAME, 3, 0, 1000);
        require(next == 0 && page.length == 0, "nothing is new");
        (,, next, page) = registry.read(NAME, 0, 0, 41);
        require(next == 3 && page.length == 0, "too small for the first");
    }

    function test_ScanInOrder() public {
        append("second");
        (uint256 total, uint256 next, bytes memory page) = registry.scan(0, 1000);
        require(total == 2 && next == 0 && page.length == 4 + 33 + 38 + 4 + 33 + 6, "all");
        (total, next, page) = registry.scan(1, 75);
        require(total == 2 && next == 2 && page.length == 75, "the first");
        (total, next, page) = registry.scan(2, 1000);
        require(total == 2 && next == 0 && page.length == 43, "the second");
    }

    function test_AnUnclaimedNameIsEmpty() public view {
        (uint256 slotA, bytes32 head, uint256 next, bytes memory page) = registry.read("free", 0, 0, 1000);
        require(slotA == 0 && head == 0 && next == 0 && page.length == 0, "absent");
    }

    function testFuzz_PagesOfAnySizeAddUp(uint256 maxBytes, uint8 entries, uint256 seed) public {
        entries = entries % 24;
        for (uint256 i = 0; i < entries; ++i) {
            append(new bytes(uint256(keccak256(abi.encode(seed, i))) % 200));
        }
        maxBytes = 300 + maxBytes % 4000;
        (,,, bytes memory whole) = registry.read(NAME, 0, 0, NO_LIMIT);
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

    function testFuzz_ScansOfAnySizeAddUp(uint256 maxBytes, uint8 entries) public {
        entries = entries % 24;
        for (uint256 i = 0; i < entries; ++i) {
            append(new bytes(10 * i));
        }
        maxBytes = 300 + maxBytes % 4000;
        (uint256 total,, bytes memory whole) = registry.scan(0, NO_LIMIT);
        bytes memory pages;
        uint256 next;
        do {
            bytes memory page;
            (, next, page) = registry.scan(next, maxBytes);
            require(page.length != 0 && page.length <= maxBytes, "bounded and never stuck");
            pages = bytes.concat(pages, page);
        } while (next != 0);
        require(total == uint256(entries) + 1 && keccak256(pages) == keccak256(whole), "the pages are all blobs");
    }

    function testFuzz_ReadFromAnywhereTerminates(uint256 known, uint256 from, bytes memory payload) public {
        append(payload);
        from %= 4;
        (,, uint256 next, bytes memory page) = registry.read("", known % 4, from, NO_LIMIT);
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

    /// A payload of the project's log begins with whatever its author likes, its own nonce and later ones included.
    function test_APayloadThatIsReadAsRprevLeadsNowhere() public {
        append(abi.encodePacked(uint48(2)));
        append(abi.encodePacked(uint48(4)));
        for (uint256 from = 2; from < 4; ++from) {
            (,, uint256 next, bytes memory page) = registry.read("", 0, from, 1000);
            require(next == 0 && page.length == 4 + 33 + 6, "one entry, and the end");
        }
    }

    function test_ACursorMayBeTheNewestEntry() public {
        append("second");
        (,, uint256 next, bytes memory page) = registry.read(NAME, 1, 2, 1000);
        require(next == 0 && page.length == 43, "read");
        (, next, page) = registry.scan(2, 1000);
        require(next == 0 && page.length == 43, "scan");
    }

    function test_AnswersAreEncodedToTheByte() public {
        for (uint256 length = 0; length <= 32; ++length) {
            append(new bytes(length));
            checkEncoding(1, NO_LIMIT);
        }
        checkEncoding(0, 0);
    }

    function testFuzz_AnswersAreEncodedToTheByte(bytes memory payload, uint256 from, uint256 maxBytes) public {
        append(payload);
        append("third");
        checkEncoding(from % 5, maxBytes % 400);
    }

    /// Nothing behind the page but zeros up to a whole word, as the compiler would encode it.
    function checkEncoding(uint256 from, uint256 maxBytes) private view {
        (bool success, bytes memory answer) =
            address(registry).staticcall(abi.encodeCall(registry.read, (NAME, 0, from, maxBytes)));
        (uint256 slotA, bytes32 head, uint256 next, bytes memory page) =
            abi.decode(answer, (uint256, bytes32, uint256, bytes));
        require(success && keccak256(answer) == keccak256(abi.encode(slotA, head, next, page)), "read");
        (success, answer) = address(registry).staticcall(abi.encodeCall(registry.scan, (from, maxBytes)));
        (slotA, next, page) = abi.decode(answer, (uint256, uint256, bytes));
        require(success && keccak256(answer) == keccak256(abi.encode(slotA, next, page)), "scan");
    }

    function test_GasForHalfGivesHalf() public {
        for (uint256 i = 0; i < 30; ++i) {
            append(new bytes(3000));
        }
        (,, uint256 next, bytes memory page) = registry.read{gas: 40_000}(NAME, 0, 0, NO_LIMIT);
        require(next != 0 && page.length != 0, "read");
        (, next, page) = registry.scan{gas: 40_000}(0, NO_LIMIT);
        require(next != 0 && page.length != 0, "scan");
    }

    function testFuzz_AnyGasGivesAPageOrNothing(uint256 gasLimit) public {
        for (uint256 i = 0; i < 30; ++i) {
            append(new bytes(300 * (i % 4)));
        }
        gasLimit = 30_000 + gasLimit % 200_000;
        (,,, bytes memory whole) = registry.read(NAME, 0, 0, NO_LIMIT);
        (,, uint256 next, bytes memory page) = registry.read{gas: gasLimit}(NAME, 0, 0, NO_LIMIT);
        requirePrefix(page, whole, next);
        (,, whole) = registry.scan(0, NO_LIMIT);
        (, next, page) = registry.scan{gas: gasLimit}(0, NO_LIMIT);
        requirePrefix(page, whole, next);
    }

    function requirePrefix(bytes memory page, bytes memory whole, uint256 next) private pure {
        require((next == 0) == (page.length == whole.length), "complete or a cursor");
        for (uint256 i = 0; i < page.length; ++i) {
            require(page[i] == whole[i], "a page is a prefix");
        }
    }
}

/// Pages so large that memory is what costs: its price grows with the square of its size.
contract LargePagesTest is RegistryTest {
    uint256 private constant ENTRIES = 12;

    function setUp() public override {
        super.setUp();
        for (uint256 i = 0; i < ENTRIES; ++i) {
            vm.prank(OWNER);
            registry.append(NAME, 1, new bytes(24_543));
        }
    }

    function test_AnyGasGivesAsManyEntriesAsItPaysFor() public view {
        for (uint256 gasLimit = 100_000; gasLimit < 1_200_000; gasLimit += 13_579) {
            this.checkPages(gasLimit);
        }
    }

    function testFuzz_AnyGasGivesAsManyEntriesAsItPaysFor(uint256 gasLimit) public view {
        this.checkPages(100_000 + gasLimit % 1_200_000);
    }

    /// External, so that what it reads is forgotten.
    function checkPages(uint256 gasLimit) external view {
        (,,, bytes memory page) = registry.read{gas: gasLimit}(NAME, 0, 0, type(uint256).max);
        checkYield(gasLimit, page.length / 24_580);
        (,, page) = registry.scan{gas: gasLimit}(2, type(uint256).max);
        checkYield(gasLimit, page.length / 24_580);
    }

    /// One entry more would not have fitted: memory grows for it, and again where the proxy copies the answer.
    function checkYield(uint256 gasLimit, uint256 entries) private pure {
        if (entries == ENTRIES) return;
        uint256 words = (entries + 1) * 24_580 / 32;
        require(gasLimit < 2 * (6 * words + words * words / 512) + 7_000 * entries + 40_000, "gas for one entry more");
    }
}
