// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPackageIndex} from "../src/IPackageIndex.sol";
import {AnyStep} from "./AnyStep.sol";

/// The code that the registries share is no registry.
contract Implementation is AnyStep {
    function setUp() public override {
        super.setUp();
        registry = IPackageIndex(factory.implementation());
    }

    function check_TheImplementationRefusesEveryStep(address caller) public {
        (, bool success) = step(caller);
        assert(!success);
    }
}
