// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Blobs} from "./Blobs.sol";

/// @title Pages of blobs, as the last member of an answer
/// @dev A page grows at the end of memory and is returned from there, because copying it would square its cost. Nothing
/// may allocate memory between begin and send.
library Pages {
    /// Gas left over for what a page costs besides memory: looking at one more blob, and the way out of the call.
    uint256 private constant GAS_RESERVE = 6_000;
    uint256 private constant LENGTH = 4; // of the length in front of each blob

    /// Where an answer of so many words, the last of them the page's length, begins, and where its page does.
    function begin(uint256 words) internal pure returns (uint256 answer, uint256 start) {
        assembly ("memory-safe") {
            answer := mload(0x40)
        }
        start = answer + words * 32;
    }

    /// Copies one blob behind its length to `end` and returns the new end, or `end` where bytes or gas do not suffice.
    function add(uint256 nonce, uint256 start, uint256 end, uint256 maxBytes) internal view returns (uint256) {
        address blob = Blobs.addressOf(nonce);
        uint256 size = blob.code.length;
        uint256 newEnd = end + LENGTH + size;
        if (newEnd - start > maxBytes) return end;
        // To grow this memory, and for a proxy in front to copy the answer: it keeps only 1/64 of the gas for itself.
        uint256 needed = 2 * _memoryGas(newEnd) - _memoryGas(end);
        if (gasleft() < needed + GAS_RESERVE) return end;
        assembly {
            mstore(end, shl(224, size))
            extcodecopy(blob, add(end, 4), 0, size)
        }
        return newEnd;
    }

    /// The u48 at `offset` of the blob whose entry in the page begins at `entry`.
    function uint48At(uint256 entry, uint256 offset) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(208, mload(add(add(entry, 4), offset)))
        }
    }

    /// Ends the call with the answer, whose page goes from `start` to `end`.
    function send(uint256 answer, uint256 start, uint256 end) internal pure {
        assembly {
            mstore(sub(start, 0x20), sub(end, start))
            mstore(end, 0)
            return(answer, and(add(sub(end, answer), 31), not(31)))
        }
    }

    /// Gas to extend memory from nothing to `size` bytes and copy that much into it (Yellow Paper, appendix H).
    function _memoryGas(uint256 size) private pure returns (uint256) {
        uint256 words = size / 32 + 1;
        return 6 * words + words * words / 512;
    }
}
