// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// The specification's formats and name rules, restated as plainly as possible: nothing here comes from src/.
library Plain {
    /// 1 to 128 characters of `[a-z0-9]+(-[a-z0-9]+)*`.
    function isName(string memory text) internal pure returns (bool) {
        bytes memory name = bytes(text);
        if (name.length == 0 || name.length > 128 || name[0] == "-" || name[name.length - 1] == "-") return false;
        for (uint256 i = 0; i < name.length; ++i) {
            bytes1 c = name[i];
            if (c == "-" && name[i - 1] == "-") return false;
            if (c != "-" && !(c >= "a" && c <= "z") && !(c >= "0" && c <= "9")) return false;
        }
        return true;
    }

    /// What names that look alike have in common.
    function skeleton(string memory text) internal pure returns (string memory) {
        bytes memory name = bytes(text);
        bytes memory kept = "";
        for (uint256 i = 0; i < name.length; ++i) {
            bytes1 c = name[i];
            if (c == "-") continue;
            if (c == "l" || c == "i") c = "1";
            if (c == "o") c = "0";
            kept = abi.encodePacked(kept, c);
        }
        return string(kept);
    }

    function same(string memory a, string memory b) internal pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }

    function blob(uint8 kind, uint48 prev, address actor, bytes memory payload) internal view returns (bytes memory) {
        return abi.encodePacked(uint8(0), kind, prev, actor, uint40(block.timestamp), payload);
    }

    function firstHead(address registry, bytes32 id) internal view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, registry, id));
    }

    function fold(bytes32 head, bytes32 blobHash) internal pure returns (bytes32) {
        return keccak256(bytes.concat(head, blobHash));
    }

    /// Where slot A of a log is; its head is in the slot behind.
    function slotOf(bytes32 id) internal pure returns (bytes32) {
        return keccak256(abi.encode(id, uint256(0)));
    }

    function slotA(address owner, uint32 count, uint48 last, uint8 status, uint8 epoch)
        internal
        pure
        returns (bytes32)
    {
        return bytes32(abi.encodePacked(epoch, status, last, count, owner));
    }
}
