// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPackageIndex} from "../src/IPackageIndex.sol";
import {RegistryTest} from "./RegistryTest.sol";
import {vm} from "./Vm.sol";

/// Which names can be claimed, by whom.
contract NamesTest is RegistryTest {
    // ---------------------------------------------------------------- normal form

    function test_NormalForms() public {
        string[6] memory names = ["a", "0", "a-b", "2to3", "zope-interface", "a-0-b-1"];
        for (uint256 i = 0; i < names.length; ++i) {
            checkName(bytes(names[i]));
            require(ownerOf(names[i]) == OWNER, "accepted");
        }
    }

    function test_OtherNames() public {
        string[9] memory names = ["", "-", "a-", "-a", "a--b", "A", "zope.interface", "ruamel_yaml", "a\n"];
        for (uint256 i = 0; i < names.length; ++i) {
            refuse(IPackageIndex.InvalidName.selector, names[i]);
            registry.claim(names[i], OWNER, "");
        }
    }

    function test_NameLength() public {
        bytes memory name = new bytes(129);
        for (uint256 i = 0; i < name.length; ++i) {
            name[i] = "x";
        }
        checkName(name);
        assembly ("memory-safe") {
            mstore(name, 128)
        }
        checkName(name);
        require(ownerOf(string(name)) == OWNER, "accepted");
    }

    function testFuzz_NameOfPlausibleCharacters(uint256 length, uint256 seed) public {
        checkName(plausible(length, seed, "abz09--A_."));
    }

    function testFuzz_NameOfAnyBytes(bytes memory name) public {
        checkName(name);
    }

    function testFuzz_NameOfOneByte(bytes1 c, uint8 position) public {
        bytes memory name = bytes("abcdefgh");
        name[position % 8] = c;
        checkName(name);
    }

    function checkName(bytes memory name) private {
        vm.assume(keccak256(skeleton(name)) != keccak256("s0mepr0ject"));
        if (!isNormalForm(name)) vm.expectRevert(abi.encodeWithSelector(IPackageIndex.InvalidName.selector, name));
        registry.claim(string(name), OWNER, "");
    }

    // ---------------------------------------------------------------- looks

    function test_ConfusableNamesAreRefusedWithTheHolder() public {
        string[6] memory names = ["s0me-project", "someproject", "s-0-m-e-project", "some-pr0ject", "5ome-project", "x"];
        for (uint256 i = 0; i < 4; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IPackageIndex.ConfusableName.selector, names[i], NAME));
            registry.claim(names[i], OWNER, "");
        }
        for (uint256 i = 4; i < 6; ++i) {
            registry.claim(names[i], OWNER, "");
        }
        registry.claim("flask-1", OWNER, "");
        vm.expectRevert(abi.encodeWithSelector(IPackageIndex.ConfusableName.selector, "f1ask-l", "flask-1"));
        registry.claim("f1ask-l", OWNER, "");
        vm.expectRevert(abi.encodeWithSelector(IPackageIndex.ConfusableName.selector, "fiask-i", "flask-1"));
        registry.claim("fiask-i", OWNER, "");
    }

    function test_ATakenNameIsTakenBeforeItIsConfusable() public {
        vm.expectRevert(abi.encodeWithSelector(IPackageIndex.NameTaken.selector, NAME, OWNER));
        registry.claim(NAME, PUBLISHER, "");
    }

    function test_NoStepFreesALook() public {
        vm.prank(OWNER);
        registry.transferProject(NAME, PUBLISHER);
        vm.prank(PUBLISHER);
        registry.acceptProject(NAME);
        vm.prank(PUBLISHER);
        registry.setStatus(NAME, 0x01, "given up");
        vm.expectRevert(abi.encodeWithSelector(IPackageIndex.ConfusableName.selector, "someproject", NAME));
        registry.claim("someproject", OWNER, "");
    }

    function testFuzz_TwoNamesCollideIfTheirSkeletonsDo(uint256 lengths, uint256 seed) public {
        bytes memory one = plausible(1 + lengths % 5, seed, "oO0li1-aab");
        bytes memory two = plausible(1 + lengths / 5 % 5, ~seed, "o0lli1-aab");
        vm.assume(isNormalForm(one) && isNormalForm(two) && keccak256(one) != keccak256(two));
        registry.claim(string(one), OWNER, "");
        if (keccak256(skeleton(one)) == keccak256(skeleton(two))) {
            vm.expectRevert(abi.encodeWithSelector(IPackageIndex.ConfusableName.selector, two, one));
        }
        registry.claim(string(two), OWNER, "");
    }

    /// One name for each character, ended so that no two look alike: what each is read as shows in storage alone.
    function test_WhatEveryCharacterIsReadAs() public {
        bytes memory characters = "abcdefghijklmnopqrstuvwxyz0123456789";
        for (uint256 i = 0; i < characters.length; ++i) {
            checkLooks(abi.encodePacked(characters[i], bytes("abcdefgh")[i / 8], bytes("stuvwxyz")[i % 8]));
        }
    }

    function testFuzz_WhatANameIsReadAs(uint256 length, uint256 seed) public {
        bytes memory name = plausible(length, seed, "-lio01pqz9");
        vm.assume(isNormalForm(name));
        checkLooks(name);
    }

    function checkLooks(bytes memory name) private {
        registry.claim(string(name), OWNER, "");
        bytes32 nonce = vm.load(address(registry), keccak256(abi.encode(keccak256(skeleton(name)), 4)));
        require(nonce == bytes32(uint256(vm.getNonce(address(registry)) - 1)), "lookalikes");
    }

    function testFuzz_CuratorsDecideWhatIsConfusable(uint256 lengths, uint256 seed) public {
        bytes memory one = plausible(1 + lengths % 5, seed, "o0oli1-a0b");
        bytes memory two = plausible(1 + lengths / 5 % 5, ~seed, "o0lli1-aab");
        vm.assume(isNormalForm(one) && isNormalForm(two) && keccak256(one) != keccak256(two));
        registry = curated();
        vm.prank(REGISTRY_OWNER);
        registry.claim(string(one), OWNER, "");
        vm.prank(REGISTRY_OWNER);
        registry.claim(string(two), PUBLISHER, "");
        require(ownerOf(string(one)) == OWNER && ownerOf(string(two)) == PUBLISHER, "both");
    }

    // ---------------------------------------------------------------- who claims

    function test_TheFirstClaimWins() public {
        address[3] memory callers = [OWNER, PUBLISHER, REGISTRY_OWNER];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IPackageIndex.NameTaken.selector, NAME, OWNER));
            vm.prank(callers[i]);
            registry.claim(NAME, callers[i], "");
        }
    }

    function test_NobodyClaimsForNobody() public {
        vm.expectRevert(abi.encodeWithSelector(IPackageIndex.ZeroAddress.selector));
        registry.claim("free", address(0), "");
    }

    function testFuzz_InAnOpenRegistryAnybodyClaims(address caller, address owner) public {
        vm.assume(owner != address(0));
        vm.prank(caller);
        registry.claim("free", owner, "");
        require(ownerOf("free") == owner, "owner");
        requireNewest("", 0x80, 0, caller, abi.encodePacked(uint48(1), owner, "free"));
    }

    function testFuzz_InACuratedRegistryItsOwnerClaims(address caller, address owner) public {
        vm.assume(owner != address(0));
        registry = curated();
        if (caller != REGISTRY_OWNER) refuse(IPackageIndex.NotOwner.selector, caller, REGISTRY_OWNER);
        vm.prank(caller);
        registry.claim("free", owner, "");
        vm.prank(REGISTRY_OWNER);
        registry.claim("free2", owner, "");
        require(ownerOf("free2") == owner, "owner");
    }

    function testFuzz_ACuratedRegistryFollowsItsOwner(address heir) public {
        vm.assume(heir != address(0) && heir != REGISTRY_OWNER);
        registry = curated();
        vm.prank(REGISTRY_OWNER);
        registry.transferRegistry(heir);
        vm.prank(heir);
        registry.acceptRegistry();
        refuse(IPackageIndex.NotOwner.selector, REGISTRY_OWNER, heir);
        vm.prank(REGISTRY_OWNER);
        registry.claim("free", OWNER, "");
        vm.prank(heir);
        registry.claim("free", OWNER, "");
        require(ownerOf("free") == OWNER, "owner");
    }

    function testFuzz_AReleaseInAClaimIsItsSendersOwn(address caller, address owner, bytes memory release) public {
        vm.assume(owner != address(0) && release.length != 0);
        if (caller != owner) refuse(IPackageIndex.NotPublisher.selector, caller, 0);
        vm.prank(caller);
        registry.claim("free", owner, release);
        vm.prank(owner);
        registry.claim("free2", owner, release);
        requireNewest("free2", 0x01, uint48(vm.getNonce(address(registry)) - 2), owner, release);
    }

    // ---------------------------------------------------------------- the rules once more, plainly

    function plausible(uint256 length, uint256 seed, string memory alphabet) private pure returns (bytes memory name) {
        name = new bytes(length % 12);
        for (uint256 i = 0; i < name.length; ++i) {
            name[i] = bytes(alphabet)[uint256(keccak256(abi.encode(seed, i))) % 10];
        }
    }

    function isNormalForm(bytes memory name) private pure returns (bool) {
        if (name.length == 0 || name.length > 128 || name[0] == "-" || name[name.length - 1] == "-") return false;
        for (uint256 i = 0; i < name.length; ++i) {
            bytes1 c = name[i];
            if (c == "-" && name[i - 1] == "-") return false;
            if (c != "-" && !(c >= "a" && c <= "z") && !(c >= "0" && c <= "9")) return false;
        }
        return true;
    }

    function skeleton(bytes memory name) private pure returns (bytes memory read) {
        for (uint256 i = 0; i < name.length; ++i) {
            bytes1 c = name[i];
            if (c == "-") continue;
            if (c == "l" || c == "i") c = "1";
            if (c == "o") c = "0";
            read = bytes.concat(read, c);
        }
    }
}
