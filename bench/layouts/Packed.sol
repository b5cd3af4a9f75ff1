// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Layout c: packed structs, everything kept once, and a map that makes file names unique on chain
contract Packed {
    struct Given {
        string filename;
        uint48 size;
        bytes32 digest;
        bytes32 dagRoot;
        bytes32 metadataDigest;
    }

    struct File {
        bytes32 digest;
        bytes32 dagRoot; // zero where it follows from the digest, which keeps the slot free
        bytes32 metadataDigest;
        uint48 size;
        uint48 releaseNumber;
        string filename;
    }

    struct Release {
        address publisher;
        uint40 uploaded;
        string requiresPython;
    }

    struct Project {
        address owner;
        Release[] releases;
        File[] files;
    }

    mapping(bytes32 id => Project) private projects;
    mapping(bytes32 key => bool) private taken;

    function release(string calldata name, string calldata requiresPython, Given[] calldata given) external {
        bytes32 id = keccak256(bytes(name));
        Project storage project = projects[id];
        if (project.owner == address(0)) project.owner = msg.sender;
        require(project.owner == msg.sender, "not the owner");
        uint48 number = uint48(project.releases.length);
        project.releases.push(Release(msg.sender, uint40(block.timestamp), requiresPython));
        for (uint256 i = 0; i < given.length; i++) {
            Given calldata g = given[i];
            bytes32 key = keccak256(abi.encodePacked(id, g.filename));
            require(!taken[key], "the file exists");
            taken[key] = true;
            project.files.push(File(g.digest, g.dagRoot, g.metadataDigest, g.size, number, g.filename));
        }
    }

    function all(string calldata name) external view returns (Release[] memory, File[] memory) {
        Project storage project = projects[keccak256(bytes(name))];
        return (project.releases, project.files);
    }
}
