// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPackageIndex} from "../src/IPackageIndex.sol";
import {IPackageIndexFactory} from "../src/IPackageIndexFactory.sol";
import {RegistryTest} from "./RegistryTest.sol";
import {vm} from "./Vm.sol";

/// How registries are made, what they are made with, and how they change hands.
contract RegistriesTest is RegistryTest {
    // ---------------------------------------------------------------- making them

    function test_ARegistryIsBornWithItsArguments() public {
        checkCreation(REGISTRY_OWNER, GUARDIAN, CURATED, "salt");
        checkCreation(REGISTRY_OWNER, address(0), OPEN, "salt");
    }

    function testFuzz_ARegistryIsBornWithItsArguments(address owner, address guardian, uint8 mode, bytes32 salt)
        public
    {
        vm.assume(owner != address(0) && salt != 0);
        checkCreation(owner, guardian, mode % 2, salt);
    }

    function checkCreation(address owner, address guardian, uint8 mode, bytes32 salt) private {
        bytes memory code = abi.encodePacked(
            abi.encodePacked(hex"363d3d373d3d3d363d73", factory.implementation(), hex"5af43d82803e903d91602b57fd5bf3"),
            abi.encodePacked(owner, guardian, mode, salt)
        );
        bytes32 initcodeHash = keccak256(abi.encodePacked(hex"6100763d81600a3d39f3", code));
        address predicted = vm.computeCreate2Address(0, initcodeHash, address(factory));
        require(factory.addressOf(owner, guardian, mode, salt) == predicted, "addressOf");
        vm.expectEmit(address(factory));
        emit IPackageIndexFactory.Created(predicted);
        IPackageIndex made = IPackageIndex(factory.create(owner, guardian, mode, salt));
        require(address(made) == predicted && keccak256(predicted.code) == keccak256(code), "create");
        require(made.registryOwner() == owner && made.guardian() == guardian && made.mode() == mode, "getters");
        (uint256 slotA, bytes32 head,,) = made.read("", 0, 0, 1000);
        require(slotA == 0 && head == 0, "nothing is written");
    }

    function test_TheSameArgumentsMakeOneRegistry() public {
        refuse(IPackageIndexFactory.RegistryExists.selector, address(registry));
        factory.create(REGISTRY_OWNER, GUARDIAN, OPEN, 0);
    }

    function testFuzz_TheSameArgumentsMakeOneRegistry(address owner, address guardian, bytes32 salt) public {
        vm.assume(owner != address(0) && owner != REGISTRY_OWNER);
        address made = factory.create(owner, guardian, OPEN, salt);
        refuse(IPackageIndexFactory.RegistryExists.selector, made);
        factory.create{gas: 1_000_000}(owner, guardian, OPEN, salt);
        require(factory.create(owner, guardian, CURATED, salt) != made, "the mode counts");
    }

    function test_SenselessArgumentsAreRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IPackageIndexFactory.ZeroAddress.selector));
        factory.create(address(0), GUARDIAN, OPEN, 0);
        refuse(IPackageIndexFactory.InvalidMode.selector, 2);
        factory.create(OWNER, GUARDIAN, 2, 0);
    }

    function testFuzz_SenselessModesAreRefused(uint8 mode) public {
        if (mode > 1) refuse(IPackageIndexFactory.InvalidMode.selector, mode);
        factory.create(OWNER, GUARDIAN, mode, 0);
    }

    /// As when the factory had created 2^64 registries (EIP-2681).
    function test_AChainThatRefuses() public {
        vm.setNonceUnsafe(address(factory), type(uint64).max);
        address predicted = factory.addressOf(OWNER, GUARDIAN, OPEN, 0);
        refuse(IPackageIndexFactory.CreationFailed.selector, predicted);
        factory.create(OWNER, GUARDIAN, OPEN, 0);
    }

    function testFuzz_LittleGasMakesAllOrNothing(uint256 gasLimit) public {
        gasLimit = 30_000 + gasLimit % 60_000;
        address predicted = factory.addressOf(OWNER, GUARDIAN, OPEN, 0);
        try factory.create{gas: gasLimit}(OWNER, GUARDIAN, OPEN, 0) returns (address made) {
            require(made == predicted && IPackageIndex(made).registryOwner() == OWNER, "all");
        } catch {
            require(predicted.code.length == 0, "nothing");
        }
    }

    function test_TheImplementationIsTheFactorysFirstContract() public view {
        require(factory.implementation() == vm.computeCreateAddress(address(factory), 1), "implementation");
    }

    function testFuzz_FactoriesAreAlike(bytes32 salt) public {
        vm.assume(salt != 0);
        IPackageIndexFactory other = newFactory(salt);
        require(other.implementation() != factory.implementation(), "an implementation of its own");
        require(other.implementation().code.length == factory.implementation().code.length, "the same code");
    }

    // ---------------------------------------------------------------- the code behind them

    function test_TheImplementationRefusesEveryCall() public {
        IPackageIndex code = IPackageIndex(factory.implementation());
        bytes[17] memory calls = [
            abi.encodeCall(code.claim, (NAME, OWNER, "")),
            abi.encodeCall(code.append, (NAME, 1, "")),
            abi.encodeCall(code.appendWithSig, (NAME, 1, "", OWNER, START, "")),
            abi.encodeCall(code.setPublisher, (NAME, PUBLISHER, FOR_EVER, 0)),
            abi.encodeCall(code.transferProject, (NAME, OWNER)),
            abi.encodeCall(code.acceptProject, (NAME)),
            abi.encodeCall(code.setStatus, (NAME, 1, "")),
            abi.encodeCall(code.quarantine, (NAME, true, "")),
            abi.encodeCall(code.resignGuardian, ()),
            abi.encodeCall(code.transferRegistry, (OWNER)),
            abi.encodeCall(code.acceptRegistry, ()),
            abi.encodeCall(code.read, (NAME, 0, 0, 0)),
            abi.encodeCall(code.scan, (0, 0)),
            abi.encodeCall(code.publisherUntil, (NAME, OWNER)),
            abi.encodeCall(code.offeredTo, (NAME)),
            abi.encodeCall(code.registryOwner, ()),
            abi.encodeCall(code.guardian, ())
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            checkDirectCall(calls[i]);
        }
        checkDirectCall(abi.encodeCall(code.mode, ()));
        require(vm.getNonce(address(code)) == 1, "it has created nothing");
    }

    function testFuzz_TheImplementationRefusesEveryCaller(address caller, string memory name, uint8 kind) public {
        IPackageIndex code = IPackageIndex(factory.implementation());
        refuse(IPackageIndex.NotARegistry.selector, address(code));
        vm.prank(caller);
        code.claim(name, caller, "");
        refuse(IPackageIndex.NotARegistry.selector, address(code));
        vm.prank(caller);
        code.append(name, kind, "");
    }

    function checkDirectCall(bytes memory data) private {
        address code = factory.implementation();
        (bool success, bytes memory answer) = code.call(data);
        bytes memory refusal = abi.encodeWithSelector(IPackageIndex.NotARegistry.selector, code);
        require(!success && keccak256(answer) == keccak256(refusal), "refused");
    }

    // ---------------------------------------------------------------- their owners

    function test_OwnerEntriesInTheRegistryLog() public {
        vm.prank(REGISTRY_OWNER);
        registry.transferRegistry(OWNER);
        requireNewest("", 0x81, 0, REGISTRY_OWNER, abi.encodePacked(uint48(1), uint8(0), OWNER));
        vm.prank(OWNER);
        registry.acceptRegistry();
        requireNewest("", 0x81, 0, OWNER, abi.encodePacked(uint48(2), uint8(1), OWNER));
        registry.claim("next", OWNER, "");
        requireNewest("", 0x80, 0, address(this), abi.encodePacked(uint48(3), OWNER, "next"));
        (uint256 slotA,) = slots("");
        require(slotA == (uint256(4) << 192 | uint256(4) << 160 | uint160(OWNER)), "slot A");
    }

    function test_SlotAHoldsTheOwnerFromTheFirstEntryOn() public {
        require(ownerOf("") == REGISTRY_OWNER, "by a claim");
        registry = curated();
        require(ownerOf("") == address(0) && registry.registryOwner() == REGISTRY_OWNER, "not before");
        vm.prank(REGISTRY_OWNER);
        registry.transferRegistry(OWNER);
        require(ownerOf("") == REGISTRY_OWNER, "by an offer");
        registry = IPackageIndex(factory.create(REGISTRY_OWNER, GUARDIAN, CURATED, "other"));
        vm.prank(GUARDIAN);
        registry.resignGuardian();
        require(ownerOf("") == REGISTRY_OWNER, "by a resignation");
    }

    function testFuzz_TheRegistryChangesHandsOnlyByAcceptance(address to, address other) public {
        vm.assume(to != address(0) && other != to);
        vm.prank(REGISTRY_OWNER);
        registry.transferRegistry(to);
        require(registry.registryOwner() == REGISTRY_OWNER && registry.offeredTo("") == to, "an offer changes no owner");
        refuse(IPackageIndex.NotOffered.selector, other, to);
        vm.prank(other);
        registry.acceptRegistry();
        vm.prank(to);
        registry.acceptRegistry();
        require(registry.registryOwner() == to && registry.offeredTo("") == address(0), "accepted");
        require(ownerOf("") == to, "and in slot A");
    }

    function testFuzz_OnlyItsOwnerOffersTheRegistry(address caller, address to) public {
        vm.assume(caller != REGISTRY_OWNER);
        refuse(IPackageIndex.NotOwner.selector, caller, REGISTRY_OWNER);
        vm.prank(caller);
        registry.transferRegistry(to);
        refuse(IPackageIndex.NotOffered.selector, caller, address(0));
        vm.prank(caller);
        registry.acceptRegistry();
    }

    function test_NobodyAcceptsARegistryThatIsOfferedToNobody() public {
        vm.prank(REGISTRY_OWNER);
        registry.transferRegistry(OWNER);
        vm.prank(REGISTRY_OWNER);
        registry.transferRegistry(address(0));
        refuse(IPackageIndex.NotOffered.selector, address(0), address(0));
        vm.prank(address(0));
        registry.acceptRegistry();
    }

    function testFuzz_TheRegistrysOwnerHasNoPowerOverProjects(uint8 kind, uint40 until) public {
        kind = 1 + kind % 0x3f;
        refuse(IPackageIndex.NotPublisher.selector, REGISTRY_OWNER, 0);
        vm.prank(REGISTRY_OWNER);
        registry.append(NAME, kind, "");
        refuse(IPackageIndex.NotOwner.selector, REGISTRY_OWNER, OWNER);
        vm.prank(REGISTRY_OWNER);
        registry.setPublisher(NAME, REGISTRY_OWNER, until, 0);
        refuse(IPackageIndex.NotOwner.selector, REGISTRY_OWNER, OWNER);
        vm.prank(REGISTRY_OWNER);
        registry.setStatus(NAME, 1, "");
        refuse(IPackageIndex.NotGuardian.selector, REGISTRY_OWNER, GUARDIAN);
        vm.prank(REGISTRY_OWNER);
        registry.quarantine(NAME, true, "");
    }
}
