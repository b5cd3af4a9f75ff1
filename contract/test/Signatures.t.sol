// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPackageIndex} from "../src/IPackageIndex.sol";
import {RegistryTest} from "./RegistryTest.sol";
import {vm} from "./Vm.sol";

/// A contract that answers isValidSignature with whatever it was made to.
contract Wallet {
    bytes private answer;
    bool private fails;

    constructor(bytes memory answer_, bool fails_) {
        (answer, fails) = (answer_, fails_);
    }

    fallback() external {
        bytes memory data = answer;
        bool revert_ = fails;
        assembly ("memory-safe") {
            if revert_ { revert(add(data, 0x20), mload(data)) }
            return(add(data, 0x20), mload(data))
        }
    }
}

/// A contract that accepts one signature over one hash, as ERC-1271 means it.
contract CarefulWallet {
    bytes32 public hash;
    bytes32 public signature;

    function expectOnly(bytes32 hash_, bytes calldata signature_) external {
        (hash, signature) = (hash_, keccak256(signature_));
    }

    function isValidSignature(bytes32 hash_, bytes calldata signature_) external view returns (bytes4) {
        return hash_ == hash && keccak256(signature_) == signature ? bytes4(0x1626ba7e) : bytes4(0xffffffff);
    }
}

/// appendWithSig: who signed, what, for which log, until when.
contract SignaturesTest is RegistryTest {
    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant APPEND_TYPE =
        keccak256("Append(address signer,string name,uint8 kind,bytes payload,bytes32 head,uint256 deadline)");
    uint256 private constant ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    bytes32 private constant MAGIC = bytes32(bytes4(0x1626ba7e));
    uint256 private constant KEY = 0xC0FFEE;
    uint256 private constant DEADLINE = START + 100;
    bytes private constant PAYLOAD = "payload";

    /// One call, with everything that is signed.
    struct Call {
        address signer;
        string name;
        uint8 kind;
        bytes payload;
        bytes32 head;
        uint256 deadline;
        uint256 chainId;
        address registry;
    }

    address private signer;

    function setUp() public override {
        super.setUp();
        signer = vm.addr(KEY);
        grant(signer, FOR_EVER);
    }

    function right() private view returns (Call memory) {
        return Call(signer, NAME, 1, PAYLOAD, headOf(NAME), DEADLINE, block.chainid, address(registry));
    }

    function digest(Call memory c) private pure returns (bytes32) {
        bytes32 domain = keccak256(abi.encode(DOMAIN_TYPE, keccak256("dipmp"), keccak256("1"), c.chainId, c.registry));
        bytes32 message = keccak256(
            abi.encode(
                APPEND_TYPE, c.signer, keccak256(bytes(c.name)), c.kind, keccak256(c.payload), c.head, c.deadline
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, message));
    }

    function sign(uint256 key, Call memory c) private pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest(c));
        return abi.encodePacked(r, s, v);
    }

    function send(Call memory c, bytes memory signature) private {
        registry.appendWithSig(c.name, c.kind, c.payload, c.signer, c.deadline, signature);
    }

    function refuseSignature(address who) private {
        vm.expectRevert(abi.encodeWithSelector(IPackageIndex.InvalidSignature.selector, who, headOf(NAME)));
    }

    // ---------------------------------------------------------------- what is right

    function test_TheSignerIsTheActor() public {
        Call memory c = right();
        vm.prank(address(0x5e1a7));
        send(c, sign(KEY, c));
        requireNewest(NAME, 1, 2, signer, PAYLOAD);
    }

    function testFuzz_TheSignerIsTheActor(uint256 key, uint8 kind, bytes memory payload, address relayer) public {
        key = 1 + key % (ORDER - 1);
        address account = vm.addr(key);
        vm.assume(account != OWNER);
        grant(account, FOR_EVER);
        uint48 last = uint48(vm.getNonce(address(registry)) - 1);
        Call memory c = right();
        (c.signer, c.kind, c.payload, c.head) = (account, 1 + kind % 0x3f, payload, headOf(NAME));
        vm.prank(relayer);
        send(c, sign(key, c));
        requireNewest(NAME, c.kind, last, account, payload);
    }

    function test_AnAccountWithCodeSignsWithItsKeyAllTheSame() public {
        Call memory c = right();
        vm.etch(signer, abi.encodePacked(hex"ef0100", address(new Wallet("", true))));
        send(c, sign(KEY, c));
        requireNewest(NAME, 1, 2, signer, PAYLOAD);
    }

    function testFuzz_AWalletAcceptsWhatItWants(bytes memory signature) public {
        CarefulWallet wallet = new CarefulWallet();
        grant(address(wallet), FOR_EVER);
        Call memory c = right();
        c.signer = address(wallet);
        refuseSignature(address(wallet));
        send(c, signature);
        wallet.expectOnly(digest(c), signature);
        send(c, signature);
        requireNewest(NAME, 1, 3, address(wallet), PAYLOAD);
        refuseSignature(address(wallet));
        send(c, signature);
    }

    // ---------------------------------------------------------------- what is wrong

    function test_ASignatureHoldsOnce() public {
        Call memory c = right();
        bytes memory signature = sign(KEY, c);
        send(c, signature);
        refuseSignature(signer);
        send(c, signature);
    }

    /// Each of the members of what is signed, changed alone.
    function testFuzz_ASignatureIsForOneCallOnly(uint256 which, uint256 value) public {
        Call memory c = right();
        if (which % 8 == 0) c.signer = address(uint160(value));
        if (which % 8 == 1) c.name = vm.toString(value);
        if (which % 8 == 2) c.kind = uint8(value);
        if (which % 8 == 3) c.payload = abi.encode(value);
        if (which % 8 == 4) c.head = bytes32(value);
        if (which % 8 == 5) c.deadline = value;
        if (which % 8 == 6) c.chainId = value;
        if (which % 8 == 7) c.registry = address(uint160(value));
        vm.assume(digest(c) != digest(right()));
        bytes memory signature = sign(KEY, c);
        c = right();
        refuseSignature(signer);
        send(c, signature);
    }

    function test_AnotherChain() public {
        Call memory c = right();
        bytes memory signature = sign(KEY, c);
        vm.chainId(block.chainid + 1);
        refuseSignature(signer);
        send(c, signature);
    }

    function test_AnotherRegistry() public {
        IPackageIndex other = IPackageIndex(factory.create(REGISTRY_OWNER, GUARDIAN, OPEN, "other"));
        other.claim(NAME, signer, "");
        (, bytes32 head,,) = other.read(NAME, 0, 0, 0);
        Call memory c = right();
        bytes memory signature = sign(KEY, c);
        vm.expectRevert(abi.encodeWithSelector(IPackageIndex.InvalidSignature.selector, signer, head));
        other.appendWithSig(NAME, 1, PAYLOAD, signer, DEADLINE, signature);
    }

    function test_AnotherProject() public {
        registry.claim("other", signer, "");
        bytes memory signature = sign(KEY, right());
        vm.expectRevert(abi.encodeWithSelector(IPackageIndex.InvalidSignature.selector, signer, headOf("other")));
        registry.appendWithSig("other", 1, PAYLOAD, signer, DEADLINE, signature);
    }

    function test_AStaleHead() public {
        Call memory c = right();
        bytes memory signature = sign(KEY, c);
        vm.prank(OWNER);
        registry.append(NAME, 1, "in between");
        refuseSignature(signer);
        send(c, signature);
    }

    function test_TheDeadlineIsTheLastSecond() public {
        Call memory c = right();
        bytes memory signature = sign(KEY, c);
        vm.warp(DEADLINE + 1);
        refuse(IPackageIndex.SignatureExpired.selector, DEADLINE, DEADLINE + 1);
        send(c, signature);
        vm.warp(DEADLINE);
        send(c, signature);
    }

    function testFuzz_TheDeadline(uint256 deadline, uint256 time) public {
        deadline = START + deadline % 100;
        vm.warp(START + time % 200);
        Call memory c = right();
        c.deadline = deadline;
        bytes memory signature = sign(KEY, c);
        if (block.timestamp > deadline) refuse(IPackageIndex.SignatureExpired.selector, deadline, block.timestamp);
        send(c, signature);
    }

    /// ecrecover takes both of a pair of signatures; only the one with the lower s holds.
    function testFuzz_TheUpperSIsRefused(uint256 key) public {
        key = 1 + key % (ORDER - 1);
        Call memory c = right();
        c.signer = vm.addr(key);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest(c));
        bytes32 upper = bytes32(ORDER - uint256(s));
        require(ecrecover(digest(c), v == 27 ? 28 : 27, r, upper) == c.signer, "the other of the pair");
        refuseSignature(c.signer);
        send(c, abi.encodePacked(r, upper, v == 27 ? 28 : 27));
    }

    function testFuzz_OtherVsAreRefused(uint8 wrong) public {
        Call memory c = right();
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, digest(c));
        vm.assume(wrong != v);
        refuseSignature(signer);
        send(c, abi.encodePacked(r, s, wrong));
    }

    function testFuzz_OtherBytesAreRefused(bytes memory signature) public {
        Call memory c = right();
        refuseSignature(signer);
        send(c, signature);
    }

    /// What ecrecover cannot recover is zero, which no signer is.
    function testFuzz_NobodySignsForZero(bytes32 r, bytes32 s, uint8 v) public {
        Call memory c = right();
        c.signer = address(0);
        refuseSignature(address(0));
        send(c, abi.encodePacked(r, s, v));
        refuseSignature(address(0));
        send(c, "");
    }

    function test_WalletsThatLie() public {
        checkLie("", false);
        checkLie("", true);
        checkLie(hex"1626ba7e", false);
        checkLie(abi.encodePacked(hex"1626ba7e", new bytes(27)), false);
        checkLie(abi.encode(MAGIC), true);
        checkLie(abi.encode(uint256(MAGIC) + 1), false);
        checkLie(abi.encode(true), false);
        checkLie(abi.encode(uint256(0x1626ba7e)), false);
        checkLie(abi.encode(uint256(0), MAGIC), false);
    }

    function testFuzz_WalletsThatLie(bytes memory answer, bool fails) public {
        if (bytes32(answer) == MAGIC && answer.length >= 32) fails = true;
        checkLie(answer, fails);
    }

    function checkLie(bytes memory answer, bool fails) private {
        address wallet = address(new Wallet(answer, fails));
        grant(wallet, FOR_EVER);
        Call memory c = right();
        c.signer = wallet;
        bytes memory signature = sign(KEY, c);
        refuseSignature(wallet);
        send(c, signature);
    }

    // ---------------------------------------------------------------- a signature gives no rights

    function test_AStrangersSignature() public {
        uint256 key = 0xBAD;
        Call memory c = right();
        c.signer = vm.addr(key);
        bytes memory signature = sign(key, c);
        refuse(IPackageIndex.NotPublisher.selector, c.signer, 0);
        send(c, signature);
    }

    function test_AWalletThatAcceptsEverythingHasNoRights() public {
        Call memory c = right();
        c.signer = address(new Wallet(abi.encode(MAGIC), false));
        refuse(IPackageIndex.NotPublisher.selector, c.signer, 0);
        send(c, "");
    }

    function testFuzz_SignedKinds(uint8 kind) public {
        Call memory c = right();
        c.kind = kind;
        bytes memory signature = sign(KEY, c);
        if (kind == 0 || kind > 0x7f) refuse(IPackageIndex.InvalidKind.selector, kind);
        else if (kind > 0x3f) refuse(IPackageIndex.NotOwner.selector, signer, OWNER);
        send(c, signature);
    }

    function test_SignedReleasesAreRefusedWhereReleasesAre() public {
        vm.prank(GUARDIAN);
        registry.quarantine(NAME, true, "");
        Call memory c = right();
        bytes memory signature = sign(KEY, c);
        refuse(IPackageIndex.ReleasesClosed.selector, 0x80);
        send(c, signature);
    }
}
