// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPackageIndex} from "../../src/IPackageIndex.sol";
import {IPackageIndexFactory} from "../../src/IPackageIndexFactory.sol";
import {vm} from "../Vm.sol";
import {Audit} from "./Audit.sol";
import {Model} from "./Model.sol";
import {Steps} from "./Steps.sol";

/// Random histories of four registries, open and curated, with a guardian and without. One invariant, because forge
/// would run a campaign for each; what it requires has names of its own:
/// - logs only grow, and as many blobs exist as the account's nonce counts: Model.requireBlobs
/// - heads are the fold of what was appended, counts and last nonces are right: Model.requireLogs, Audit._requireSlots
/// - publishers lapse when an owner accepts, offers end: Model.requireRoles, Audit._requirePublished
/// - every step meets the outcome, or the very error, that the specification says: Steps._attempt
/// At the end of every run an audit reads each history from the chain alone:
/// - no entry without an authorised actor: Audit._requirePublished and the checks of each kind beside it
/// - no new owner without offer and acceptance: Audit._handOver
/// - a guardian never publishes, claims or touches bits 0-6: Audit._requireOffice, _projectEntry
/// - a quarantine edits no history: Steps.quarantine, which compares every blob and head after it
contract InvariantsTest {
    struct Selectors {
        address target;
        bytes4[] selectors;
    }

    bool public constant IS_TEST = true;
    uint256 private constant START = 1_800_000_000;

    Steps private steps;

    function setUp() public {
        vm.warp(START);
        bytes memory code = vm.getCode("PackageIndexFactory.sol:PackageIndexFactory");
        address factory;
        assembly ("memory-safe") {
            factory := create2(0, add(code, 0x20), mload(code), 0)
        }
        steps = new Steps(IPackageIndexFactory(factory));
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(steps);
    }

    function targetSelectors() external view returns (Selectors[] memory targets) {
        bytes4[11] memory every = [
            Steps.claim.selector,
            Steps.append.selector,
            Steps.appendWithSig.selector,
            Steps.setPublisher.selector,
            Steps.transferProject.selector,
            Steps.acceptProject.selector,
            Steps.setStatus.selector,
            Steps.quarantine.selector,
            Steps.transferRegistry.selector,
            Steps.acceptRegistry.selector,
            Steps.resignGuardianOrWait.selector
        ];
        targets = new Selectors[](1);
        targets[0] = Selectors(address(steps), new bytes4[](every.length));
        for (uint256 i = 0; i < every.length; ++i) {
            targets[0].selectors[i] = every[i];
        }
    }

    function invariant_registries() public view {
        address[] memory accounts = steps.everyAccount();
        Model[] memory models = steps.everyModel();
        for (uint256 i = 0; i < models.length; ++i) {
            models[i].requireBlobs();
            models[i].requireLogs();
            models[i].requireRoles(accounts);
        }
    }

    function afterInvariant() external {
        Model[] memory models = steps.everyModel();
        for (uint8 i = 0; i < models.length; ++i) {
            address guardian = i % 2 == 0 ? address(0x6A9D) : address(0);
            new Audit(models[i].registry(), address(0xF00D), guardian, i / 2 == 1).run();
        }
        bool isLong = steps.accepted() + steps.refused() > 100;
        if (!isLong) return;
        require(steps.accepted() > 2 * steps.refused(), "too few steps succeed for the run to mean much");
        bytes4[10] memory every = [
            IPackageIndex.claim.selector,
            IPackageIndex.append.selector,
            IPackageIndex.appendWithSig.selector,
            IPackageIndex.setPublisher.selector,
            IPackageIndex.transferProject.selector,
            IPackageIndex.acceptProject.selector,
            IPackageIndex.setStatus.selector,
            IPackageIndex.quarantine.selector,
            IPackageIndex.transferRegistry.selector,
            IPackageIndex.acceptRegistry.selector
        ];
        for (uint256 i = 0; i < every.length; ++i) {
            require(steps.succeeded(every[i]), "a step that never succeeds");
        }
    }
}
