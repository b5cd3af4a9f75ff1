// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {vm} from "../test/Vm.sol";
import {AnyStep} from "./AnyStep.sol";

/// Who may claim names, and which.
contract Claims is AnyStep {
    function check_CuratedNamesAreTheRegistryOwnersToGive(address caller, address owner) public {
        address registryOwner = registry.registryOwner();
        if (claim(caller, owner, "")) assert(mode == 0 || caller == registryOwner);
    }

    function check_TakenNamesStayTaken(address caller, address owner) public {
        uint256 a = logOf(ID).a;
        bool claimed = claim(caller, owner, "");
        if (claimed) assert(lastOf(a) == 0 && owner != address(0) && ownerOf(logOf(ID).a) == owner);
        if (lastOf(a) != 0) assert(logOf(ID).a == a);
    }

    /// Nobody publishes in the name of whom they claim for.
    function check_ReleasesComeWithOnesOwnClaims(address caller, address owner) public {
        vm.assume(grantOf(epochOf(logOf(ID).a), caller) == 0); // no project, no grants
        if (claim(caller, owner, anyBytes())) assert(caller == owner);
    }

    function claim(address caller, address owner, bytes memory release) private returns (bool success) {
        anyLookalike();
        vm.prank(caller);
        try registry.claim(NAME, owner, release) {
            success = true;
        } catch {}
    }
}
