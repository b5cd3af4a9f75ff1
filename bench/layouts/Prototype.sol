// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Layout a: how the prototype of 2022 kept its index, written anew for the comparison
/// @dev One transaction per file, text in storage, a counter of eight bits, and no owners.
contract Prototype {
    struct Identity {
        string ipfsHash;
        string idata;
        address by;
        uint24 version;
    }

    mapping(string name => mapping(uint8 number => Identity)) private identities;
    mapping(string name => uint8) private counts;

    function checkExists(string memory name, uint24 version) external view returns (bool) {
        uint8 count = counts[name];
        for (uint8 i = 0; i < count; i++) {
            if (identities[name][i].version == version) return true;
        }
        return false;
    }

    function createIdentity(string memory name, uint24 version, string memory ipfsHash, string memory idata)
        external
        returns (bool)
    {
        require(!this.checkExists(name, version), "this version exists");
        identities[name][counts[name]] = Identity(ipfsHash, idata, msg.sender, version);
        counts[name]++;
        return true;
    }

    function getAllIdentities(string memory name) external view returns (Identity[] memory all) {
        all = new Identity[](counts[name]);
        for (uint8 i = 0; i < all.length; i++) {
            all[i] = identities[name][i];
        }
    }
}
