// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Layout b: one struct per file, as it comes to mind first
contract Structs {
    struct Given {
        string filename;
        string cid;
        uint256 size;
        bytes32 digest;
        bytes32 metadataDigest;
        string requiresPython;
    }

    struct File {
        Given given;
        address publisher;
        uint256 uploaded;
    }

    mapping(string name => address) private owners;
    mapping(string name => File[]) private files;

    function release(string calldata name, Given[] calldata given) external {
        if (owners[name] == address(0)) owners[name] = msg.sender;
        require(owners[name] == msg.sender, "not the owner");
        for (uint256 i = 0; i < given.length; i++) {
            files[name].push(File(given[i], msg.sender, block.timestamp));
        }
    }

    function all(string calldata name) external view returns (File[] memory) {
        return files[name];
    }
}
