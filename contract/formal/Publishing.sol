// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {vm} from "../test/Vm.sol";
import {AnyStep} from "./AnyStep.sol";

/// Who may append which entry.
contract Publishing is AnyStep {
    function check_OnlyOwnerAndPublishersAppend(address caller, uint8 kind) public {
        uint256 a = logOf(ID).a;
        bool may = mayPublish(a, caller);
        if (append(caller, kind)) assert(may);
    }

    function check_PublishersAppendLowKindsAlone(address caller, uint8 kind) public {
        uint256 a = logOf(ID).a;
        if (append(caller, kind)) assert(kind < 0x40 || caller == ownerOf(a));
    }

    function check_NobodyAppendsTheContractsKinds(address caller, uint8 kind) public {
        if (append(caller, kind)) assert(kind > 0 && kind < 0x80);
    }

    function check_ClosedProjectsTakeNoReleases(address caller, uint8 kind) public {
        uint256 a = logOf(ID).a;
        if (append(caller, kind)) assert(kind >= 0x20 || statusOf(a) & 0x81 == 0);
    }

    function check_TheHeaderNamesTheCaller(address caller, uint8 kind) public {
        bytes memory payload = anyBytes();
        uint48 prev = lastOf(logOf(ID).a);
        vm.prank(caller);
        try registry.append(NAME, kind, payload) {
            assertNewest(kind, prev, caller, payload);
        } catch {}
    }

    /// A grant of an epoch to come is not among the states that there are: see check_GrantsAreOfThePresentEpoch.
    function check_PublishersLapseWithTheirOwner(address publisher, address heir, uint8 kind) public {
        uint256 a = logOf(ID).a;
        vm.assume(publisher != heir && epochOf(a) < 255 && grantOf(epochOf(a) + 1, publisher) == 0);
        vm.prank(heir);
        registry.acceptProject(NAME);
        vm.prank(publisher);
        try registry.append(NAME, kind, anyBytes()) {
            assert(false);
        } catch {}
    }

    function check_GrantsAreOfThePresentEpoch(address caller, uint8 epoch, address account) public {
        uint256 a = logOf(ID).a;
        uint40 before = grantOf(epoch, account);
        step(caller);
        if (grantOf(epoch, account) == before) return;
        assert(epoch == epochOf(a) && caller == ownerOf(a) && lastOf(a) != 0);
    }

    function append(address caller, uint8 kind) private returns (bool success) {
        bytes memory payload = anyBytes();
        vm.prank(caller);
        try registry.append(NAME, kind, payload) {
            success = true;
        } catch {}
    }
}
