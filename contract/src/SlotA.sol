// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// Slot A of a log, one storage word: owner u160 | count u32 | last u48 | status u8 | epoch u8, from the lowest bit.
/// It is packed by hand because the compiler would read and write the slot once for every field.
type SlotA is uint256;

using {owner, last, epoch, withOwner, withNextEpoch, withEntry} for SlotA global;

uint256 constant LAST_AT = 192;
uint256 constant EPOCH_AT = 248;
uint256 constant ONE_ENTRY = 1 << 160;
uint256 constant ONE_EPOCH = 1 << 248;
uint256 constant LAST_MASK = uint256(type(uint48).max) << LAST_AT;

function owner(SlotA a) pure returns (address) {
    return address(uint160(SlotA.unwrap(a)));
}

/// Nonce of the newest entry, 0 while the log is empty.
function last(SlotA a) pure returns (uint48) {
    return uint48(SlotA.unwrap(a) >> LAST_AT);
}

/// Role epoch: the number of completed ownership transfers.
function epoch(SlotA a) pure returns (uint8) {
    return uint8(SlotA.unwrap(a) >> EPOCH_AT);
}

function withOwner(SlotA a, address account) pure returns (SlotA) {
    return SlotA.wrap(SlotA.unwrap(a) >> 160 << 160 | uint160(account));
}

/// No transfer begins at epoch 255, so this never overflows.
function withNextEpoch(SlotA a) pure returns (SlotA) {
    return SlotA.wrap(SlotA.unwrap(a) + ONE_EPOCH);
}

/// One entry more, stored under `nonce`. 2^32 entries of one log are out of any chain's reach.
function withEntry(SlotA a, uint48 nonce) pure returns (SlotA) {
    return SlotA.wrap((SlotA.unwrap(a) & ~LAST_MASK | uint256(nonce) << LAST_AT) + ONE_ENTRY);
}
