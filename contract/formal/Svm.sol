// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// The part of halmos's cheat codes that the proofs use. Each call makes a value that stands for every value.
interface Svm {
    function createAddress(string calldata label) external pure returns (address);
    function createBytes(uint256 size, string calldata label) external pure returns (bytes memory);
    function createBytes32(string calldata label) external pure returns (bytes32);
    function createUint(uint256 bits, string calldata label) external pure returns (uint256);
    function enableSymbolicStorage(address account) external;
}

Svm constant svm = Svm(address(uint160(uint256(keccak256("svm cheat code")))));
