// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPackageIndex} from "../src/IPackageIndex.sol";
import {vm} from "../test/Vm.sol";
import {AnyStep} from "./AnyStep.sol";

/// What a guardian can do, and what everybody else cannot.
contract Guardian is AnyStep {
    uint256 private constant QUARANTINED = 1 << 247; // of slot A
    uint256 private constant ENTRIES = (1 << 240) - (1 << 160); // count and last

    function check_OnlyTheGuardianHasItsFunctions(address caller) public {
        bool resigned = guardianResigned();
        (bytes4 selector, bool success) = step(caller);
        bool its = selector == IPackageIndex.quarantine.selector || selector == IPackageIndex.resignGuardian.selector;
        if (its && success) assert(!resigned && caller == firstGuardian && caller != address(0));
    }

    /// Only by quarantine does bit 7 of a project change, and nothing else of slot A changes with it.
    function check_QuarantineIsOneBit(address caller) public {
        uint256 a = logOf(ID).a;
        (bytes4 selector,) = step(caller);
        uint256 changed = (a ^ logOf(ID).a) & ~ENTRIES;
        if (selector == IPackageIndex.quarantine.selector) assert(changed & ~QUARANTINED == 0);
        else assert(changed & QUARANTINED == 0);
    }

    /// A guardian with no other office: no entry but its own, no role, no offer, no claim, no status but bit 7.
    function check_TheGuardianHasNoOtherPower(address caller) public {
        uint256 a = logOf(ID).a;
        address offered = registry.offeredTo(NAME);
        vm.assume(caller == firstGuardian);
        vm.assume(!guardianResigned());
        Log memory list = logOf(REGISTRY);
        assumeNoRole(a, caller);
        vm.assume(caller != offered);
        vm.assume(caller != registry.offeredTo(""));
        (bytes4 selector, bool success) = step(caller);
        vm.assume(caller != registryOwnerOf(list));
        if (!success || selector == IPackageIndex.appendWithSig.selector) return; // which is the signer's step
        if (selector == IPackageIndex.claim.selector) return assert(mode == 0);
        assert(selector == IPackageIndex.quarantine.selector || selector == IPackageIndex.resignGuardian.selector);
        assert((a ^ logOf(ID).a) & ~ENTRIES & ~QUARANTINED == 0);
        assert(registry.offeredTo(NAME) == offered);
    }

    /// The office is the one of the registry's arguments, or nobody's any more; it never comes back.
    function check_ResignationIsForEver(address caller) public {
        bool before = guardianResigned();
        (bytes4 selector, bool success) = step(caller);
        bool resigned = before || (success && selector == IPackageIndex.resignGuardian.selector);
        assert(registry.guardian() == (resigned ? address(0) : firstGuardian));
    }
}
