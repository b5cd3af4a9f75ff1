// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPackageIndex} from "../src/IPackageIndex.sol";
import {vm} from "../test/Vm.sol";
import {AnyRegistry} from "./AnyRegistry.sol";
import {svm} from "./Svm.sol";

/// Any call of any function that writes, with any arguments, by anybody. What names a project names NAME.
abstract contract AnyStep is AnyRegistry {
    bytes32 private constant SKELETON = keccak256("s0mepr0ject"); // of NAME

    /// Makes the step, whose function the selector tells; it may fail.
    function step(address caller) internal returns (bytes4 selector, bool success) {
        bytes memory data = anyData();
        selector = bytes4(data);
        if (selector == IPackageIndex.claim.selector) anyLookalike();
        vm.prank(caller);
        (success,) = address(registry).call(data);
    }

    function anyData() private pure returns (bytes memory) {
        uint256 which = svm.createUint(8, "which");
        address account = svm.createAddress("account");
        if (which == 0) return abi.encodeCall(IPackageIndex.claim, (NAME, account, ""));
        if (which == 1) return abi.encodeCall(IPackageIndex.append, (NAME, anyUint8(), anyBytes()));
        if (which == 2) return anySignedAppend(account);
        if (which == 3) {
            (uint40 until, uint40 since) = (uint40(svm.createUint(40, "until")), uint40(svm.createUint(40, "since")));
            return abi.encodeCall(IPackageIndex.setPublisher, (NAME, account, until, since));
        }
        if (which == 4) return abi.encodeCall(IPackageIndex.transferProject, (NAME, account));
        if (which == 5) return abi.encodeCall(IPackageIndex.acceptProject, (NAME));
        if (which == 6) return abi.encodeCall(IPackageIndex.setStatus, (NAME, anyUint8(), string(anyBytes())));
        if (which == 7) return abi.encodeCall(IPackageIndex.quarantine, (NAME, anyUint8() == 1, string(anyBytes())));
        if (which == 8) return abi.encodeCall(IPackageIndex.transferRegistry, (account));
        if (which == 9) return abi.encodeCall(IPackageIndex.acceptRegistry, ());
        return abi.encodeCall(IPackageIndex.resignGuardian, ());
    }

    function anySignedAppend(address signer) internal pure returns (bytes memory) {
        uint256 deadline = svm.createUint(256, "deadline");
        bytes memory signature = svm.createBytes(65, "signature");
        return abi.encodeCall(IPackageIndex.appendWithSig, (NAME, anyUint8(), anyBytes(), signer, deadline, signature));
    }

    function anyUint8() internal pure returns (uint8) {
        return uint8(svm.createUint(8, "byte"));
    }

    function anyBytes() internal pure returns (bytes memory) {
        return svm.createBytes(LENGTH, "payload");
    }

    /// Another name looks like NAME, or none does.
    function anyLookalike() internal {
        bytes32 slot = keccak256(abi.encode(SKELETON, uint256(4)));
        if (anyUint8() == 0) vm.store(address(registry), slot, bytes32(0));
        else vm.store(address(registry), slot, bytes32(uint256(1)));
    }
}
