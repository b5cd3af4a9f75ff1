// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Slot A of a log, one storage word: owner u160 | count u32 | last u48 | status u8 | epoch u8, from the lowest bit.
/// It is packed by hand because the compiler would read and write the slot once for every field.
type SlotA is uint256;

using SlotAFields for SlotA global;

/// @title The fields of slot A
library SlotAFields {
    uint256 private constant LAST_AT = 192;
    uint256 private constant STATUS_AT = 240;
    uint256 private constant EPOCH_AT = 248;
    uint256 private constant ONE_ENTRY = 1 << 160;
    uint256 private constant ONE_EPOCH = 1 << 248;
    uint256 private constant LAST_MASK = uint256(type(uint48).max) << LAST_AT;
    uint256 private constant STATUS_MASK = uint256(type(uint8).max) << STATUS_AT;

    function owner(SlotA a) internal pure returns (address) {
        return address(uint160(SlotA.unwrap(a)));
    }

    /// Nonce of the newest entry, 0 while the log is empty.
    function last(SlotA a) internal pure returns (uint48) {
        return uint48(SlotA.unwrap(a) >> LAST_AT);
    }

    /// Status bits: 0x80 is the guardian's, the rest the owner's.
    function status(SlotA a) internal pure returns (uint8) {
        return uint8(SlotA.unwrap(a) >> STATUS_AT);
    }

    /// Role epoch: the number of completed ownership transfers.
    function epoch(SlotA a) internal pure returns (uint8) {
        return uint8(SlotA.unwrap(a) >> EPOCH_AT);
    }

    function withOwner(SlotA a, address account) internal pure returns (SlotA) {
        return SlotA.wrap(SlotA.unwrap(a) >> 160 << 160 | uint160(account));
    }

    function withStatus(SlotA a, uint8 bits) internal pure returns (SlotA) {
        return SlotA.wrap(SlotA.unwrap(a) & ~STATUS_MASK | uint256(bits) << STATUS_AT);
    }

    /// No transfer begins at epoch 255, so this never overflows.
    function withNextEpoch(SlotA a) internal pure returns (SlotA) {
        return SlotA.wrap(SlotA.unwrap(a) + ONE_EPOCH);
    }

    /// One entry more, stored under `nonce`. 2^32 entries of one log are out of any chain's reach.
    function withEntry(SlotA a, uint48 nonce) internal pure returns (SlotA) {
        return SlotA.wrap((SlotA.unwrap(a) & ~LAST_MASK | uint256(nonce) << LAST_AT) + ONE_ENTRY);
    }
}
