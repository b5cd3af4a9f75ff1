// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPackageIndex} from "../src/IPackageIndex.sol";
import {vm} from "../test/Vm.sol";
import {AnyStep} from "./AnyStep.sol";

/// How projects and registries change hands, and what is for their owners alone.
contract Ownership is AnyStep {
    /// A project that exists goes only to who it was offered to, when they accept it.
    function check_ProjectsChangeHandsByAcceptance(address caller) public {
        uint256 a = logOf(ID).a;
        address offered = registry.offeredTo(NAME);
        (bytes4 selector,) = step(caller);
        uint256 b = logOf(ID).a;
        if (lastOf(a) == 0 || ownerOf(a) == ownerOf(b)) return;
        assert(selector == IPackageIndex.acceptProject.selector && caller == offered && offered != address(0));
        assert(ownerOf(b) == caller && epochOf(b) == uint8(epochOf(a) + 1) && registry.offeredTo(NAME) == address(0));
    }

    function check_RegistriesChangeHandsByAcceptance(address caller) public {
        Log memory list = logOf(REGISTRY);
        address offered = registry.offeredTo("");
        (bytes4 selector,) = step(caller);
        if (registry.registryOwner() == registryOwnerOf(list)) return;
        assert(selector == IPackageIndex.acceptRegistry.selector && caller == offered && offered != address(0));
        assert(registry.registryOwner() == caller && registry.offeredTo("") == address(0));
    }

    /// An offer is made and withdrawn by the owner, and used up by who accepts it.
    function check_OwnersAloneOffer(address caller) public {
        (address project, address whole) = (registry.offeredTo(NAME), registry.offeredTo(""));
        (address owner, Log memory list) = (ownerOf(logOf(ID).a), logOf(REGISTRY));
        step(caller);
        if (registry.offeredTo(NAME) != project) {
            assert(caller == owner || (caller == project && registry.offeredTo(NAME) == address(0)));
        }
        if (registry.offeredTo("") != whole) {
            assert(caller == registryOwnerOf(list) || (caller == whole && registry.offeredTo("") == address(0)));
        }
    }

    /// Role epochs count transfers and do not wrap, for nothing is on offer in the last: that is so before and after.
    function check_EpochsOnlyRise(address caller) public {
        uint256 a = logOf(ID).a;
        vm.assume(onlyBeforeTheLast(epochOf(a), registry.offeredTo(NAME)));
        step(caller);
        uint256 b = logOf(ID).a;
        assert(epochOf(b) >= epochOf(a));
        assert(onlyBeforeTheLast(epochOf(b), registry.offeredTo(NAME)));
    }

    /// Who holds no role in a project cannot change it, except by accepting what they are offered.
    function check_StrangersChangeNothing(address caller) public {
        Log memory before = logOf(ID);
        vm.assume(lastOf(before.a) != 0);
        assumeNoRole(before.a, caller);
        vm.assume(caller != registry.offeredTo(NAME));
        bool resigned = guardianResigned();
        (bytes4 selector,) = step(caller);
        if (caller == firstGuardian && !resigned) return;
        if (selector == IPackageIndex.appendWithSig.selector) return; // which is the signer's step
        assert(same(logOf(ID), before));
    }

    /// The owner's functions are closed to everybody else, publishers included.
    function check_OwnersFunctionsAreTheirs(address caller) public {
        (address owner, Log memory list) = (ownerOf(logOf(ID).a), logOf(REGISTRY));
        (bytes4 selector, bool success) = step(caller);
        if (!success) return;
        bool owners = selector == IPackageIndex.setPublisher.selector
            || selector == IPackageIndex.transferProject.selector || selector == IPackageIndex.setStatus.selector;
        if (owners) assert(caller == owner);
        if (selector == IPackageIndex.transferRegistry.selector) assert(caller == registryOwnerOf(list));
    }

    function onlyBeforeTheLast(uint8 epoch, address offered) private pure returns (bool) {
        return epoch < 255 || offered == address(0);
    }
}
