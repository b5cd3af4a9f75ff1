// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPackageIndex} from "./IPackageIndex.sol";
import {SlotA} from "./SlotA.sol";

/// @title One registry; IPackageIndex is its specification
contract PackageIndex is IPackageIndex {
    struct Log {
        SlotA a;
        bytes32 head;
    }

    bytes32 private constant REGISTRY = 0;
    uint256 private constant MAX_NAME = 128;
    /// Bit c is set when character c is a lower-case letter or a digit.
    uint256 private constant LETTERS = 0x7fffffe0000000003ff000000000000;
    uint256 private constant MAX_PAYLOAD = 24_543; // EIP-170's 24,576 minus the header, whatever the chain's own limit
    uint256 private constant MAX_HINDSIGHT = 30 days;

    uint8 private constant RELEASE = 0x01;
    uint8 private constant FIRST_OWNER_KIND = 0x40;
    uint8 private constant CLAIM = 0x80;
    uint8 private constant OWNER = 0x81;
    uint8 private constant ROLE = 0x82;

    uint8 private constant OFFERED = 0;
    uint8 private constant ACCEPTED = 1;

    uint256 private constant PREV_AT = 2;
    uint256 private constant RPREV_AT = 33;
    uint256 private constant HEADER = 33;

    /// Gas left over for what a page costs besides memory: looking at one more blob, and the way out of the call.
    uint256 private constant GAS_RESERVE = 6_000;

    mapping(bytes32 id => Log) private logs;
    uint256 private blobs;
    mapping(bytes32 id => mapping(uint256 epochAndAccount => uint40)) private publishers;
    mapping(bytes32 id => address) private offers;

    constructor(address owner) {
        if (owner == address(0)) revert ZeroAddress();
        logs[REGISTRY].a = logs[REGISTRY].a.withOwner(owner);
    }

    // ---------------------------------------------------------------- writing

    /// @inheritdoc IPackageIndex
    function claim(string calldata name, address owner, bytes calldata release) external {
        _requireNormalForm(name);
        if (owner == address(0)) revert ZeroAddress();
        bytes32 id = _id(name);
        Log memory project = logs[id];
        if (project.a.last() != 0) revert NameTaken(name, project.a.owner());
        Log memory registry = logs[REGISTRY];
        bytes memory payload = abi.encodePacked(registry.a.last(), owner, name);
        (uint48 nonce, bytes32 blobHash) = _store(CLAIM, 0, msg.sender, payload);
        _fold(REGISTRY, registry, nonce, blobHash);
        project.a = project.a.withOwner(owner);
        _fold(id, project, nonce, blobHash);
        emit Claimed(id, owner, nonce, name);
        if (release.length != 0) _publish(id, project, RELEASE, msg.sender, release);
    }

    /// @inheritdoc IPackageIndex
    function append(string calldata name, uint8 kind, bytes calldata payload) external {
        (bytes32 id, Log memory project) = _project(name);
        _publish(id, project, kind, msg.sender, payload);
    }

    /// @inheritdoc IPackageIndex
    function setPublisher(string calldata name, address account, uint40 until, uint40 compromisedSince) external {
        (bytes32 id, Log memory project) = _ownProject(name);
        if (account == address(0)) revert ZeroAddress();
        if (account == project.a.owner()) revert OwnerIsNoPublisher(account);
        if (until != 0 && until <= block.timestamp) revert AlreadyExpired(until, block.timestamp);
        if (compromisedSince != 0) {
            uint256 earliest = block.timestamp - MAX_HINDSIGHT;
            if (until != 0) revert NotARevocation(until);
            if (compromisedSince < earliest || compromisedSince > block.timestamp) {
                revert InvalidCompromisedSince(compromisedSince, earliest, block.timestamp);
            }
        }
        publishers[id][_role(project.a.epoch(), account)] = until;
        _append(id, project, ROLE, msg.sender, abi.encodePacked(account, until, compromisedSince));
    }

    /// @inheritdoc IPackageIndex
    function transferProject(string calldata name, address to) external {
        (bytes32 id, Log memory project) = _ownProject(name);
        if (project.a.epoch() == type(uint8).max) revert TooManyTransfers(name);
        offers[id] = to;
        _append(id, project, OWNER, msg.sender, abi.encodePacked(OFFERED, to));
    }

    /// @inheritdoc IPackageIndex
    function acceptProject(string calldata name) external {
        (bytes32 id, Log memory project) = _project(name);
        address offered = offers[id];
        if (offered != msg.sender || offered == address(0)) revert NotOffered(msg.sender, offered);
        delete offers[id];
        project.a = project.a.withOwner(msg.sender).withNextEpoch();
        _append(id, project, OWNER, msg.sender, abi.encodePacked(ACCEPTED, msg.sender));
    }

    // ---------------------------------------------------------------- reading

    /// @inheritdoc IPackageIndex
    function read(string calldata project, uint256 known, uint256 from, uint256 maxBytes)
        external
        view
        returns (uint256 slotA, bytes32 head, uint256 next, bytes memory)
    {
        bool isRegistry = bytes(project).length == 0;
        uint256 prevAt = isRegistry ? RPREV_AT : PREV_AT;
        Log memory log = logs[isRegistry ? REGISTRY : _id(project)];
        (slotA, head) = (SlotA.unwrap(log.a), log.head);
        if (from == 0) next = log.a.last();
        else if (from <= blobs) next = from; // else a reorganisation took the blob away, and there is nothing to read
        uint256 answer = _freeMemory();
        uint256 start = answer + 5 * 32;
        uint256 end = start;
        while (next > known) {
            uint256 entry = end;
            end = _copyBlob(next, start, end, maxBytes);
            if (end == entry) break;
            uint256 prev = _uint48At(entry + 4 + prevAt);
            next = prev < next ? prev : 0; // always so in the log's own entries; `from` may point anywhere
        }
        if (next <= known) next = 0;
        assembly ("memory-safe") {
            mstore(answer, slotA)
            mstore(add(answer, 0x20), head)
            mstore(add(answer, 0x40), next)
            mstore(add(answer, 0x60), 0x80)
        }
        _return(answer, start, end);
    }

    /// @inheritdoc IPackageIndex
    function scan(uint256 from, uint256 maxBytes) external view returns (uint256 total, uint256 next, bytes memory) {
        total = blobs;
        next = from == 0 ? 1 : from;
        uint256 answer = _freeMemory();
        uint256 start = answer + 4 * 32;
        uint256 end = start;
        while (next <= total) {
            uint256 entry = end;
            end = _copyBlob(next, start, end, maxBytes);
            if (end == entry) break;
            next += 1;
        }
        if (next > total) next = 0;
        assembly ("memory-safe") {
            mstore(answer, total)
            mstore(add(answer, 0x20), next)
            mstore(add(answer, 0x40), 0x60)
        }
        _return(answer, start, end);
    }

    /// @inheritdoc IPackageIndex
    function publisherUntil(string calldata name, address account) external view returns (uint40) {
        bytes32 id = _id(name);
        return publishers[id][_role(logs[id].a.epoch(), account)];
    }

    /// @inheritdoc IPackageIndex
    function offeredTo(string calldata name) external view returns (address) {
        return offers[_id(name)];
    }

    // ---------------------------------------------------------------- projects and roles

    function _id(string calldata name) private pure returns (bytes32) {
        return keccak256(bytes(name));
    }

    function _project(string calldata name) private view returns (bytes32 id, Log memory project) {
        id = _id(name);
        project = logs[id];
        if (project.a.last() == 0) revert UnknownProject(name);
    }

    function _ownProject(string calldata name) private view returns (bytes32 id, Log memory project) {
        (id, project) = _project(name);
        if (msg.sender != project.a.owner()) revert NotOwner(msg.sender, project.a.owner());
    }

    /// A new epoch forgets every publisher at once.
    function _role(uint8 epoch, address account) private pure returns (uint256) {
        return uint256(epoch) << 160 | uint160(account);
    }

    function _requireNormalForm(string calldata name) private pure {
        bool valid = bytes(name).length <= MAX_NAME;
        assembly ("memory-safe") {
            let letter := 0 // whether the character before is one, as the first and the last have to be
            let end := mul(add(name.offset, name.length), valid)
            for { let i := name.offset } lt(i, end) { i := add(i, 1) } {
                let c := byte(0, calldataload(i))
                let hyphenInside := and(eq(c, 0x2d), letter)
                letter := and(shr(c, LETTERS), 1)
                valid := and(valid, or(letter, hyphenInside))
            }
            valid := and(valid, letter)
        }
        if (!valid) revert InvalidName(name);
    }

    function _requireMayAppend(bytes32 id, Log memory project, uint8 kind, address actor) private view {
        if (kind == 0 || kind >= CLAIM) revert InvalidKind(kind);
        if (actor == project.a.owner()) return;
        if (kind >= FIRST_OWNER_KIND) revert NotOwner(actor, project.a.owner());
        uint40 until = publishers[id][_role(project.a.epoch(), actor)];
        if (block.timestamp >= until) revert NotPublisher(actor, until);
    }

    // ---------------------------------------------------------------- the log

    function _publish(bytes32 id, Log memory project, uint8 kind, address actor, bytes calldata payload) private {
        _requireMayAppend(id, project, kind, actor);
        if (payload.length > MAX_PAYLOAD) revert PayloadTooLong(payload.length, MAX_PAYLOAD);
        _append(id, project, kind, actor, payload);
    }

    function _append(bytes32 id, Log memory log, uint8 kind, address actor, bytes memory payload) private {
        (uint48 nonce, bytes32 blobHash) = _store(kind, log.a.last(), actor, payload);
        _fold(id, log, nonce, blobHash);
        emit Appended(id, actor, nonce);
    }

    /// Makes a stored blob the log's last entry, and writes the log's two slots.
    function _fold(bytes32 id, Log memory log, uint48 nonce, bytes32 blobHash) private {
        bytes32 head = log.a.last() == 0 ? keccak256(abi.encode(block.chainid, address(this), id)) : log.head;
        assembly ("memory-safe") {
            mstore(0, head)
            mstore(0x20, blobHash)
            head := keccak256(0, 0x40)
        }
        log.head = head;
        log.a = log.a.withEntry(nonce);
        logs[id] = log;
    }

    /// Stores a blob as the code of a new contract. Nothing else here may ever create a contract.
    function _store(uint8 kind, uint48 prev, address actor, bytes memory payload)
        private
        returns (uint48 nonce, bytes32 blobHash)
    {
        nonce = uint48(++blobs);
        uint256 size = HEADER + payload.length;
        // PUSH2 size, DUP1, PUSH1 10, RETURNDATASIZE, CODECOPY, RETURNDATASIZE, RETURN: the code is all that follows
        bytes memory initcode = abi.encodePacked(
            hex"61", uint16(size), hex"80600a3d393df3", uint8(0), kind, prev, actor, uint40(block.timestamp), payload
        );
        address created;
        assembly ("memory-safe") {
            let blob := add(initcode, 42)
            blobHash := keccak256(blob, size)
            created := create(0, sub(blob, 10), add(size, 10))
        }
        address expected = _blobAddress(nonce);
        if (created != expected) revert UnexpectedBlobAddress(created, expected);
    }

    /// keccak256(rlp([this, nonce]))[12:], with nonces as EIP-161 counts them: from 1.
    function _blobAddress(uint256 nonce) private view returns (address blob) {
        assembly ("memory-safe") {
            let size := 0 // of the nonce after its RLP prefix; below 0x80 it has none
            let item := nonce
            if gt(nonce, 0x7f) {
                size := add(add(1, gt(nonce, 0xff)), add(gt(nonce, 0xffff), gt(nonce, 0xffffff)))
                size := add(size, add(gt(nonce, 0xffffffff), gt(nonce, 0xffffffffff)))
                item := or(shl(shl(3, size), add(0x80, size)), nonce)
            }
            let list := or(shl(160, add(0xd694, shl(8, size))), address())
            mstore(0, or(shl(add(8, shl(3, size)), list), item))
            blob := and(keccak256(sub(9, size), add(23, size)), 0xffffffffffffffffffffffffffffffffffffffff)
        }
    }

    // ---------------------------------------------------------------- pages
    // A page grows at the end of memory and is returned from there, because copying it would square its cost. Nothing
    // may allocate memory between _freeMemory and _return.

    function _freeMemory() private pure returns (uint256 pointer) {
        assembly ("memory-safe") {
            pointer := mload(0x40)
        }
    }

    /// Copies one blob behind its length to `end` and returns the new end, or `end` where bytes or gas do not suffice.
    function _copyBlob(uint256 nonce, uint256 start, uint256 end, uint256 maxBytes) private view returns (uint256) {
        address blob = _blobAddress(nonce);
        uint256 size = blob.code.length;
        uint256 newEnd = end + 4 + size;
        if (newEnd - start > maxBytes) return end;
        // To grow this memory, and for a proxy in front to copy the answer: it keeps only 1/64 of the gas for itself.
        uint256 needed = 2 * _memoryGas(newEnd) - _memoryGas(end);
        if (gasleft() < needed + GAS_RESERVE) return end;
        assembly {
            mstore(end, shl(224, size))
            extcodecopy(blob, add(end, 4), 0, size)
        }
        return newEnd;
    }

    /// Gas to extend memory from nothing to `size` bytes and copy that much into it (Yellow Paper, appendix H).
    function _memoryGas(uint256 size) private pure returns (uint256) {
        uint256 words = size / 32 + 1;
        return 6 * words + words * words / 512;
    }

    function _uint48At(uint256 pointer) private pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := shr(208, mload(pointer))
        }
    }

    /// Ends the call with the ABI encoding that begins at `answer`, whose last member is the page from `start` to `end`.
    function _return(uint256 answer, uint256 start, uint256 end) private pure {
        assembly {
            mstore(sub(start, 0x20), sub(end, start))
            mstore(end, 0)
            return(answer, and(add(sub(end, answer), 31), not(31)))
        }
    }
}
