// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Which names there can be, and which of them look alike
library ProjectNames {
    uint256 private constant MAX_LENGTH = 128;
    uint256 private constant HYPHEN = 0x2d;
    /// Bit c is set when character c is a lower-case letter or a digit.
    uint256 private constant LETTERS = 0x7fffffe0000000003ff000000000000;
    /// What a letter is read as, at the place that its low five bits name.
    bytes32 private constant READ_AS = "\x00abcdefgh1jk1mn0pqrstuvwxyz";

    /// Whether a name is 1 to 128 characters of PEP 503 normal form, `[a-z0-9]+(-[a-z0-9]+)*`, and its skeleton: a hash
    /// of what names that look alike have in common, which is the name without `-`, `l` and `i` read as `1`, `o` as `0`.
    /// PyPI compares the same (ultranormalize_name); its `.` and `_` do not occur in a normal form.
    function check(string calldata name) internal pure returns (bool valid, bytes32 skeleton) {
        valid = bytes(name).length <= MAX_LENGTH;
        assembly ("memory-safe") {
            let start := mload(0x40)
            let free := start
            let letter := 0 // whether the character before is one, as the first and the last have to be
            let end := mul(add(name.offset, name.length), valid)
            for { let i := name.offset } lt(i, end) { i := add(i, 1) } {
                let c := byte(0, calldataload(i))
                let hyphenInside := and(eq(c, HYPHEN), letter)
                letter := and(shr(c, LETTERS), 1)
                valid := and(valid, or(letter, hyphenInside))
                if and(c, 0x40) { c := byte(and(c, 0x1f), READ_AS) }
                mstore8(free, c)
                free := add(free, letter)
            }
            valid := and(valid, letter)
            skeleton := keccak256(start, sub(free, start))
        }
    }
}
