// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {vm} from "../test/Vm.sol";
import {AnyStep} from "./AnyStep.sol";
import {svm} from "./Svm.sol";

/// A contract that signs one message, whichever it is (ERC-1271).
contract Wallet {
    bytes32 private immutable SIGNED;

    constructor(bytes32 signed) {
        SIGNED = signed;
    }

    function isValidSignature(bytes32 hash, bytes calldata) external view returns (bytes4) {
        return hash == SIGNED ? this.isValidSignature.selector : bytes4(0);
    }
}

/// Entries that somebody else sends.
contract Signatures is AnyStep {
    struct Signed {
        uint8 kind;
        bytes payload;
        address signer;
        uint256 deadline;
        bytes32 r;
        bytes32 s;
        uint8 v;
    }

    function check_TheSignerNeedsARole(address relayer, address signer) public {
        Signed memory it = anySigned(signer);
        uint256 a = logOf(ID).a;
        bool may = mayPublish(a, signer);
        if (!send(relayer, it)) return;
        assert(may && it.kind > 0 && it.kind < 0x80 && block.timestamp <= it.deadline);
        assert(it.kind < 0x40 || signer == ownerOf(a));
    }

    function check_TheHeaderNamesTheSigner(address relayer, address signer) public {
        Signed memory it = anySigned(signer);
        uint48 prev = lastOf(logOf(ID).a);
        if (send(relayer, it)) assertNewest(it.kind, prev, signer, it.payload);
    }

    function check_AKeySignsOverThePresentHead(address relayer, address signer) public {
        Signed memory it = anySigned(signer);
        bytes32 digest = digestOf(it);
        if (send(relayer, it)) assert(ecrecover(digest, it.v, it.r, it.s) == signer);
    }

    function check_AWalletSignsOverThePresentHead(address relayer) public {
        bytes32 signed = svm.createBytes32("signed");
        Signed memory it = anySigned(address(new Wallet(signed)));
        bytes32 digest = digestOf(it);
        if (send(relayer, it)) assert(signed == digest || ecrecover(digest, it.v, it.r, it.s) == it.signer);
    }

    function anySigned(address signer) private pure returns (Signed memory it) {
        it.kind = anyUint8();
        it.payload = anyBytes();
        it.signer = signer;
        it.deadline = svm.createUint(256, "deadline");
        it.r = svm.createBytes32("r");
        it.s = svm.createBytes32("s");
        it.v = anyUint8();
    }

    function send(address relayer, Signed memory it) private returns (bool success) {
        bytes memory signature = abi.encodePacked(it.r, it.s, it.v);
        vm.prank(relayer);
        try registry.appendWithSig(NAME, it.kind, it.payload, it.signer, it.deadline, signature) {
            success = true;
        } catch {}
    }

    /// EIP-712, as IPackageIndex specifies it.
    function digestOf(Signed memory it) private view returns (bytes32) {
        bytes32 domainType =
            keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        bytes32 appendType =
            keccak256("Append(address signer,string name,uint8 kind,bytes payload,bytes32 head,uint256 deadline)");
        bytes32 domain = keccak256(abi.encode(domainType, keccak256("dipmp"), keccak256("1"), block.chainid, registry));
        bytes32 head = logOf(ID).head;
        bytes32 message =
            keccak256(abi.encode(appendType, it.signer, ID, it.kind, keccak256(it.payload), head, it.deadline));
        return keccak256(abi.encodePacked(hex"1901", domain, message));
    }
}
