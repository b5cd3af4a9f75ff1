// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPackageIndex} from "../../src/IPackageIndex.sol";
import {vm} from "../Vm.sol";
import {Plain} from "./Plain.sol";

/// One registry as the specification describes it: says which error a call must meet, 0 for none, and keeps what has
/// to be on the chain after it. Publishers are a list that an acceptance empties; there is no epoch in their key.
contract Model {
    struct Log {
        address owner;
        address offered;
        uint8 status;
        uint8 epoch;
        uint32 count;
        uint48 last;
        bytes32 head;
        address[] publishers;
    }

    bytes32 public constant REGISTRY = 0;

    address public immutable registry;
    bool public immutable curated;
    address public guardian;

    bytes32[] private blobHashes;
    string[] private names;
    mapping(bytes32 id => Log) private logs;
    mapping(bytes32 id => mapping(address account => uint40)) private until;
    mapping(string skeleton => bool) private taken;

    constructor(address registry_, address owner, address guardian_, bool curated_) {
        (registry, guardian, curated) = (registry_, guardian_, curated_);
        logs[REGISTRY].owner = owner;
    }

    // ---------------------------------------------------------------- asking

    function numberOfNames() external view returns (uint256) {
        return names.length;
    }

    function nameAt(uint256 index) external view returns (string memory) {
        return names[index];
    }

    function log(string memory name) external view returns (Log memory) {
        return logs[idOf(name)];
    }

    function untilOf(string memory name, address account) external view returns (uint40) {
        return until[idOf(name)][account];
    }

    /// The empty name is the registry log's.
    function idOf(string memory name) public pure returns (bytes32) {
        return bytes(name).length == 0 ? REGISTRY : keccak256(bytes(name));
    }

    // ---------------------------------------------------------------- the rules

    function refusesClaim(address sender, string memory name, address owner, bytes memory release)
        external
        view
        returns (bytes4)
    {
        if (!Plain.isName(name)) return IPackageIndex.InvalidName.selector;
        if (owner == address(0)) return IPackageIndex.ZeroAddress.selector;
        if (logs[idOf(name)].count != 0) return IPackageIndex.NameTaken.selector;
        if (curated && sender != logs[REGISTRY].owner) return IPackageIndex.NotOwner.selector;
        if (!curated && taken[Plain.skeleton(name)]) return IPackageIndex.ConfusableName.selector;
        if (release.length == 0) return 0;
        if (sender != owner) return IPackageIndex.NotPublisher.selector;
        return release.length > 24_543 ? IPackageIndex.PayloadTooLong.selector : bytes4(0);
    }

    function refusesAppend(address actor, string memory name, uint8 kind, bytes memory payload)
        external
        view
        returns (bytes4)
    {
        Log storage project = logs[idOf(name)];
        if (kind == 0 || kind > 0x7f) return IPackageIndex.InvalidKind.selector;
        if (actor != project.owner) {
            if (kind > 0x3f) return IPackageIndex.NotOwner.selector;
            if (until[idOf(name)][actor] <= block.timestamp) return IPackageIndex.NotPublisher.selector;
        }
        bool closed = project.status & 0x01 != 0 || project.status & 0x80 != 0;
        if (closed && kind <= 0x1f) return IPackageIndex.ReleasesClosed.selector;
        return payload.length > 24_543 ? IPackageIndex.PayloadTooLong.selector : bytes4(0);
    }

    function refusesPublisher(address sender, string memory name, address account, uint40 end, uint40 since)
        external
        view
        returns (bytes4)
    {
        if (sender != logs[idOf(name)].owner) return IPackageIndex.NotOwner.selector;
        if (account == address(0)) return IPackageIndex.ZeroAddress.selector;
        if (account == sender) return IPackageIndex.OwnerIsNoPublisher.selector;
        if (end != 0 && end <= block.timestamp) return IPackageIndex.AlreadyExpired.selector;
        if (since == 0) return 0;
        if (end != 0) return IPackageIndex.NotARevocation.selector;
        bool recent = since <= block.timestamp && block.timestamp - since <= 30 days;
        return recent ? bytes4(0) : IPackageIndex.InvalidCompromisedSince.selector;
    }

    function refusesTransfer(address sender, string memory name) external view returns (bytes4) {
        if (sender != logs[idOf(name)].owner) return IPackageIndex.NotOwner.selector;
        return logs[idOf(name)].epoch == 255 ? IPackageIndex.TooManyTransfers.selector : bytes4(0);
    }

    function refusesAccept(address sender, string memory name) external view returns (bytes4) {
        bool isOffered = sender != address(0) && sender == logs[idOf(name)].offered;
        return isOffered ? bytes4(0) : IPackageIndex.NotOffered.selector;
    }

    function refusesStatus(address sender, string memory name, uint8 status, string memory reason)
        external
        view
        returns (bytes4)
    {
        if (sender != logs[idOf(name)].owner) return IPackageIndex.NotOwner.selector;
        if (status > 0x7f) return IPackageIndex.InvalidStatus.selector;
        return bytes(reason).length > 512 ? IPackageIndex.ReasonTooLong.selector : bytes4(0);
    }

    function refusesQuarantine(address sender, string memory reason) external view returns (bytes4) {
        if (guardian == address(0) || sender != guardian) return IPackageIndex.NotGuardian.selector;
        return bytes(reason).length > 512 ? IPackageIndex.ReasonTooLong.selector : bytes4(0);
    }

    // ---------------------------------------------------------------- what a call that succeeded has done

    function claimed(address sender, string memory name, address owner, bytes memory release) external {
        names.push(name);
        taken[Plain.skeleton(name)] = true;
        logs[idOf(name)].owner = owner;
        bytes memory blob = Plain.blob(0x80, 0, sender, abi.encodePacked(logs[REGISTRY].last, owner, name));
        uint48 nonce = _stored(blob);
        _extend(REGISTRY, nonce, blob);
        _extend(idOf(name), nonce, blob);
        if (release.length != 0) appended(sender, name, 0x01, release);
    }

    function appended(address actor, string memory name, uint8 kind, bytes memory payload) public {
        bytes memory blob = Plain.blob(kind, logs[idOf(name)].last, actor, payload);
        _extend(idOf(name), _stored(blob), blob);
    }

    function publisherSet(address sender, string memory name, address account, uint40 end, uint40 since) external {
        until[idOf(name)][account] = end;
        logs[idOf(name)].publishers.push(account);
        appended(sender, name, 0x82, abi.encodePacked(account, end, since));
    }

    function offered(address sender, string memory name, address to) external {
        logs[idOf(name)].offered = to;
        _ownerStep(sender, name, 0, to);
    }

    function accepted(address sender, string memory name) external {
        bytes32 id = idOf(name);
        Log storage it = logs[id];
        (it.owner, it.offered) = (sender, address(0));
        if (id != REGISTRY) ++it.epoch;
        for (uint256 i = 0; i < it.publishers.length; ++i) {
            delete until[id][it.publishers[i]];
        }
        delete it.publishers;
        _ownerStep(sender, name, 1, sender);
    }

    function resigned(address sender) external {
        guardian = address(0);
        _ownerStep(sender, "", 2, sender);
    }

    function statusSet(address sender, string memory name, uint8 status, string memory reason) external {
        logs[idOf(name)].status = status;
        appended(sender, name, 0x83, abi.encodePacked(status, reason));
    }

    function _ownerStep(address sender, string memory name, uint8 step, address account) private {
        if (bytes(name).length != 0) return appended(sender, name, 0x81, abi.encodePacked(step, account));
        bytes memory blob = Plain.blob(0x81, 0, sender, abi.encodePacked(logs[REGISTRY].last, step, account));
        _extend(REGISTRY, _stored(blob), blob);
    }

    /// The registry's next contract is this blob, byte for byte.
    function _stored(bytes memory blob) private returns (uint48 nonce) {
        blobHashes.push(keccak256(blob));
        nonce = uint48(blobHashes.length);
        require(keccak256(vm.computeCreateAddress(registry, nonce).code) == keccak256(blob), "the stored blob");
    }

    function _extend(bytes32 id, uint48 nonce, bytes memory blob) private {
        Log storage it = logs[id];
        it.head = Plain.fold(it.count == 0 ? Plain.firstHead(registry, id) : it.head, keccak256(blob));
        it.last = nonce;
        it.count += 1;
    }

    // ---------------------------------------------------------------- the chain agrees

    /// Every blob that was ever stored is still what it was, and there is no other.
    function requireBlobs() external view {
        uint256 total = blobHashes.length;
        require(uint256(vm.load(registry, bytes32(uint256(1)))) == total, "number of blobs");
        require(vm.getNonce(registry) == total + 1, "nonce of the account");
        for (uint256 nonce = 1; nonce <= total; ++nonce) {
            bytes32 hash = vm.computeCreateAddress(registry, nonce).codehash;
            require(hash == blobHashes[nonce - 1], "a blob has changed");
        }
    }

    /// Owner, count, last, status, epoch and head of a log.
    function requireLog(string memory name) public view {
        bytes32 id = idOf(name);
        Log storage it = logs[id];
        bytes32 slotA = Plain.slotA(it.owner, it.count, it.last, it.status, it.epoch);
        if (it.count == 0) slotA = 0; // the registry's owner is in its code until its log begins
        bytes32 slot = Plain.slotOf(id);
        require(vm.load(registry, slot) == slotA, "slot A");
        require(vm.load(registry, bytes32(uint256(slot) + 1)) == it.head, "head");
    }

    function requireLogs() external view {
        requireLog("");
        for (uint256 i = 0; i < names.length; ++i) {
            requireLog(names[i]);
        }
    }

    /// Publishers, offers, owner and guardian are what was granted and accepted.
    function requireRoles(address[] memory accounts) external view {
        IPackageIndex it = IPackageIndex(registry);
        require(it.registryOwner() == logs[REGISTRY].owner, "the registry's owner");
        require(it.guardian() == guardian, "the guardian");
        require(it.offeredTo("") == logs[REGISTRY].offered, "offer of the registry");
        for (uint256 i = 0; i < names.length; ++i) {
            require(it.offeredTo(names[i]) == logs[idOf(names[i])].offered, "offer of a project");
            for (uint256 k = 0; k < accounts.length; ++k) {
                uint40 end = until[idOf(names[i])][accounts[k]];
                require(it.publisherUntil(names[i], accounts[k]) == end, "a publisher");
            }
        }
    }
}
