// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// Everything a step needs, drawn from its seed. The seeds that forge makes cluster, so they are hashed.
contract Draws {
    uint256 private state;

    modifier drawingFrom(uint256 seed) {
        state = uint256(keccak256(abi.encode(state, seed)));
        _;
    }

    function draw(uint256 n) internal returns (uint256) {
        state = uint256(keccak256(abi.encode(state)));
        return state % n;
    }

    function oneIn(uint256 n) internal returns (bool) {
        return draw(n) == 0;
    }

    function drawBytes(uint256 length) internal returns (bytes memory data) {
        data = new bytes(length);
        uint256 word = draw(type(uint256).max);
        for (uint256 i = 0; i < length; i += 32) {
            assembly ("memory-safe") {
                mstore(0, add(word, i))
                word := keccak256(0, 0x20)
                if lt(add(i, 31), length) { mstore(add(add(data, 0x20), i), word) }
            }
        }
    }

    /// Mostly short; now and then as long as can be, or one byte longer.
    function drawPayload() internal returns (bytes memory) {
        return drawBytes(oneIn(100) ? 24_543 + draw(2) : draw(97));
    }

    /// Mostly short; now and then as long as can be, or one byte longer.
    function drawReason() internal returns (string memory) {
        return string(drawBytes(oneIn(40) ? 512 + draw(2) : draw(33)));
    }

    /// Names that often look alike and are not always names.
    function drawName() internal returns (string memory) {
        bytes memory name = new bytes(oneIn(40) ? 127 + draw(3) : 1 + draw(8));
        for (uint256 i = 0; i < name.length; ++i) {
            name[i] = oneIn(60) ? bytes1(uint8(draw(256))) : bytes("l1io0abcdefz9-")[draw(i % 2 == 0 ? 13 : 14)];
        }
        if (name[name.length - 1] == "-" && !oneIn(10)) name[name.length - 1] = "x";
        return string(name);
    }
}
