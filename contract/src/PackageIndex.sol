// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AppendSignature} from "./AppendSignature.sol";
import {Blobs} from "./Blobs.sol";
import {IPackageIndex} from "./IPackageIndex.sol";
import {Pages} from "./Pages.sol";
import {ProjectNames} from "./ProjectNames.sol";
import {RegistryArguments} from "./RegistryArguments.sol";
import {SlotA} from "./SlotA.sol";

/// @title The code behind every registry; IPackageIndex is its specification
contract PackageIndex is IPackageIndex, RegistryArguments {
    struct Log {
        SlotA a;
        bytes32 head;
    }

    bytes32 private constant REGISTRY = 0;
    uint256 private constant MAX_REASON = 512;
    uint256 private constant MAX_HINDSIGHT = 30 days;

    uint8 private constant RELEASE = 0x01;
    uint8 private constant FIRST_YANK_KIND = 0x20;
    uint8 private constant FIRST_OWNER_KIND = 0x40;
    uint8 private constant CLAIM = 0x80;
    uint8 private constant OWNER = 0x81;
    uint8 private constant ROLE = 0x82;
    uint8 private constant STATUS = 0x83;

    uint8 private constant OFFERED = 0;
    uint8 private constant ACCEPTED = 1;
    uint8 private constant RESIGNED = 2;

    uint8 private constant ARCHIVED = 0x01;
    uint8 private constant QUARANTINED = 0x80;

    uint8 private constant OPEN = 0;

    uint256 private constant RPREV_AT = Blobs.HEADER;
    uint256 private constant CLAIMED_NAME_AT = 26; // of a CLAIM's payload, behind rprev and owner

    mapping(bytes32 id => Log) private logs;
    uint256 private blobs;
    mapping(bytes32 id => mapping(uint256 epochAndAccount => uint40)) private publishers;
    mapping(bytes32 id => address) private offers;
    mapping(bytes32 skeleton => uint256 nonce) private lookalikes; // the CLAIM of the name that has it
    bool private guardianResigned;

    // ---------------------------------------------------------------- writing to projects

    /// @inheritdoc IPackageIndex
    function claim(string calldata name, address owner, bytes calldata release) external onlyRegistry {
        (bool valid, bytes32 skeleton) = ProjectNames.check(name);
        if (!valid) revert InvalidName(name);
        if (owner == address(0)) revert ZeroAddress();
        bytes32 id = _id(name);
        Log memory project = logs[id];
        if (project.a.last() != 0) revert NameTaken(name, project.a.owner());
        if (_mode() == OPEN) _requireDistinct(name, skeleton);
        else _requireRegistryOwner();
        project.a = project.a.withOwner(owner);
        _claim(id, project, name);
        if (release.length != 0) _publish(id, project, RELEASE, msg.sender, release);
    }

    /// @inheritdoc IPackageIndex
    function append(string calldata name, uint8 kind, bytes calldata payload) external onlyRegistry {
        (bytes32 id, Log memory project) = _project(name);
        _publish(id, project, kind, msg.sender, payload);
    }

    /// @inheritdoc IPackageIndex
    function appendWithSig(
        string calldata name,
        uint8 kind,
        bytes calldata payload,
        address signer,
        uint256 deadline,
        bytes calldata signature
    ) external onlyRegistry {
        if (block.timestamp > deadline) revert SignatureExpired(deadline, block.timestamp);
        (bytes32 id, Log memory project) = _project(name);
        bytes32 digest = AppendSignature.digest(signer, name, kind, payload, project.head, deadline);
        if (!AppendSignature.isValid(signer, digest, signature)) revert InvalidSignature(signer, project.head);
        _publish(id, project, kind, signer, payload);
    }

    /// @inheritdoc IPackageIndex
    function setPublisher(string calldata name, address account, uint40 until, uint40 compromisedSince)
        external
        onlyRegistry
    {
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
    function transferProject(string calldata name, address to) external onlyRegistry {
        (bytes32 id, Log memory project) = _ownProject(name);
        if (project.a.epoch() == type(uint8).max) revert TooManyTransfers(name);
        offers[id] = to;
        _append(id, project, OWNER, msg.sender, abi.encodePacked(OFFERED, to));
    }

    /// @inheritdoc IPackageIndex
    function acceptProject(string calldata name) external onlyRegistry {
        (bytes32 id, Log memory project) = _project(name);
        _takeOffer(id);
        project.a = project.a.withOwner(msg.sender).withNextEpoch();
        _append(id, project, OWNER, msg.sender, abi.encodePacked(ACCEPTED, msg.sender));
    }

    /// @inheritdoc IPackageIndex
    function setStatus(string calldata name, uint8 status, string calldata reason) external onlyRegistry {
        (bytes32 id, Log memory project) = _ownProject(name);
        if (status >= QUARANTINED) revert InvalidStatus(status);
        _setStatus(id, project, project.a.status() & QUARANTINED | status, reason);
    }

    /// @inheritdoc IPackageIndex
    function quarantine(string calldata name, bool on, string calldata reason) external onlyRegistry {
        _requireGuardian();
        (bytes32 id, Log memory project) = _project(name);
        _setStatus(id, project, project.a.status() & ~QUARANTINED | (on ? QUARANTINED : 0), reason);
    }

    // ---------------------------------------------------------------- writing to the registry

    /// @inheritdoc IPackageIndex
    function transferRegistry(address to) external onlyRegistry {
        _requireRegistryOwner();
        offers[REGISTRY] = to;
        _appendOwnerStep(_registry(), OFFERED, to);
    }

    /// @inheritdoc IPackageIndex
    function acceptRegistry() external onlyRegistry {
        Log memory registry = _registry();
        _takeOffer(REGISTRY);
        registry.a = registry.a.withOwner(msg.sender);
        _appendOwnerStep(registry, ACCEPTED, msg.sender);
    }

    /// @inheritdoc IPackageIndex
    function resignGuardian() external onlyRegistry {
        _requireGuardian();
        guardianResigned = true;
        _appendOwnerStep(_registry(), RESIGNED, msg.sender);
    }

    // ---------------------------------------------------------------- reading

    /// @inheritdoc IPackageIndex
    function read(string calldata project, uint256 known, uint256 from, uint256 maxBytes)
        external
        view
        onlyRegistry
        returns (uint256 slotA, bytes32 head, uint256 next, bytes memory)
    {
        bool isRegistry = bytes(project).length == 0;
        uint256 prevAt = isRegistry ? RPREV_AT : Blobs.PREV_AT;
        Log memory log = logs[isRegistry ? REGISTRY : _id(project)];
        (slotA, head) = (SlotA.unwrap(log.a), log.head);
        if (from == 0) next = log.a.last();
        else if (from <= blobs) next = from; // else a reorganisation took the blob away, and there is nothing to read
        (uint256 answer, uint256 start) = Pages.begin(5);
        uint256 end = start;
        while (next > known) {
            uint256 entry = end;
            end = Pages.add(next, start, end, maxBytes);
            if (end == entry) break;
            uint256 prev = Pages.uint48At(entry, prevAt);
            next = prev < next ? prev : 0; // always so in the log's own entries; `from` may point anywhere
        }
        if (next <= known) next = 0;
        assembly ("memory-safe") {
            mstore(answer, slotA)
            mstore(add(answer, 0x20), head)
            mstore(add(answer, 0x40), next)
            mstore(add(answer, 0x60), 0x80)
        }
        Pages.send(answer, start, end);
    }

    /// @inheritdoc IPackageIndex
    function scan(uint256 from, uint256 maxBytes)
        external
        view
        onlyRegistry
        returns (uint256 total, uint256 next, bytes memory)
    {
        total = blobs;
        next = from == 0 ? 1 : from;
        (uint256 answer, uint256 start) = Pages.begin(4);
        uint256 end = start;
        while (next <= total) {
            uint256 entry = end;
            end = Pages.add(next, start, end, maxBytes);
            if (end == entry) break;
            next += 1;
        }
        if (next > total) next = 0;
        assembly ("memory-safe") {
            mstore(answer, total)
            mstore(add(answer, 0x20), next)
            mstore(add(answer, 0x40), 0x60)
        }
        Pages.send(answer, start, end);
    }

    /// @inheritdoc IPackageIndex
    function publisherUntil(string calldata name, address account) external view onlyRegistry returns (uint40) {
        bytes32 id = _id(name);
        return publishers[id][_role(logs[id].a.epoch(), account)];
    }

    /// @inheritdoc IPackageIndex
    function offeredTo(string calldata name) external view onlyRegistry returns (address) {
        return offers[bytes(name).length == 0 ? REGISTRY : _id(name)];
    }

    /// @inheritdoc IPackageIndex
    function registryOwner() external view onlyRegistry returns (address) {
        return _registry().a.owner();
    }

    /// @inheritdoc IPackageIndex
    function guardian() external view onlyRegistry returns (address) {
        return _guardian();
    }

    /// @inheritdoc IPackageIndex
    function mode() external view onlyRegistry returns (uint8) {
        return _mode();
    }

    // ---------------------------------------------------------------- who and what

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

    /// The registry log. Its first entry, whichever that is, writes the first owner into slot A.
    function _registry() private view returns (Log memory registry) {
        registry = logs[REGISTRY];
        if (registry.a.last() == 0) registry.a = registry.a.withOwner(_firstOwner());
    }

    function _requireRegistryOwner() private view {
        address present = _registry().a.owner();
        if (msg.sender != present) revert NotOwner(msg.sender, present);
    }

    function _guardian() private view returns (address) {
        return guardianResigned ? address(0) : _firstGuardian();
    }

    function _requireGuardian() private view {
        address present = _guardian();
        if (msg.sender != present || present == address(0)) revert NotGuardian(msg.sender, present);
    }

    /// A new epoch forgets every publisher at once.
    function _role(uint8 epoch, address account) private pure returns (uint256) {
        return uint256(epoch) << 160 | uint160(account);
    }

    function _takeOffer(bytes32 id) private {
        address offered = offers[id];
        if (msg.sender != offered || offered == address(0)) revert NotOffered(msg.sender, offered);
        delete offers[id];
    }

    /// Reserves the looks of a name for the CLAIM that is about to be stored.
    function _requireDistinct(string calldata name, bytes32 skeleton) private {
        uint256 holder = lookalikes[skeleton];
        if (holder != 0) revert ConfusableName(name, string(Blobs.payloadFrom(holder, CLAIMED_NAME_AT)));
        lookalikes[skeleton] = blobs + 1;
    }

    function _requireMayAppend(bytes32 id, SlotA a, uint8 kind, address actor) private view {
        if (kind == 0 || kind >= CLAIM) revert InvalidKind(kind);
        if (actor != a.owner()) {
            if (kind >= FIRST_OWNER_KIND) revert NotOwner(actor, a.owner());
            uint40 until = publishers[id][_role(a.epoch(), actor)];
            if (block.timestamp >= until) revert NotPublisher(actor, until);
        }
        bool closed = a.status() & (ARCHIVED | QUARANTINED) != 0;
        if (closed && kind < FIRST_YANK_KIND) revert ReleasesClosed(a.status());
    }

    // ---------------------------------------------------------------- the logs

    function _publish(bytes32 id, Log memory project, uint8 kind, address actor, bytes calldata payload) private {
        _requireMayAppend(id, project.a, kind, actor);
        if (payload.length > Blobs.MAX_PAYLOAD) revert PayloadTooLong(payload.length, Blobs.MAX_PAYLOAD);
        _append(id, project, kind, actor, payload);
    }

    function _setStatus(bytes32 id, Log memory project, uint8 status, string calldata reason) private {
        if (bytes(reason).length > MAX_REASON) revert ReasonTooLong(bytes(reason).length, MAX_REASON);
        project.a = project.a.withStatus(status);
        _append(id, project, STATUS, msg.sender, abi.encodePacked(status, reason));
    }

    function _append(bytes32 id, Log memory log, uint8 kind, address actor, bytes memory payload) private {
        (uint48 nonce, bytes32 blobHash) = _store(kind, log.a.last(), actor, payload);
        _fold(id, log, nonce, blobHash);
        emit Appended(id, actor, nonce);
    }

    /// One blob as the registry log's newest entry and the project's first.
    function _claim(bytes32 id, Log memory project, string calldata name) private {
        Log memory registry = _registry();
        address owner = project.a.owner();
        bytes memory payload = abi.encodePacked(registry.a.last(), owner, name);
        (uint48 nonce, bytes32 blobHash) = _store(CLAIM, 0, msg.sender, payload);
        _fold(REGISTRY, registry, nonce, blobHash);
        _fold(id, project, nonce, blobHash);
        emit Claimed(id, owner, nonce, name);
    }

    function _appendOwnerStep(Log memory registry, uint8 step, address account) private {
        bytes memory payload = abi.encodePacked(registry.a.last(), step, account);
        (uint48 nonce, bytes32 blobHash) = _store(OWNER, 0, msg.sender, payload);
        _fold(REGISTRY, registry, nonce, blobHash);
        emit Appended(REGISTRY, msg.sender, nonce);
    }

    function _store(uint8 kind, uint48 prev, address actor, bytes memory payload)
        private
        returns (uint48 nonce, bytes32 blobHash)
    {
        nonce = uint48(++blobs);
        blobHash = Blobs.store(nonce, kind, prev, actor, payload);
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
}
