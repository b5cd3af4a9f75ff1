// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {vm} from "../Vm.sol";
import {Plain} from "./Plain.sol";

/// A registry's history, read from its blobs alone, in the order of their nonces: was each entry its actor's to make
/// when it was made, and are owners, states and heads what the entries say? It knows neither the model nor the contract.
contract Audit {
    struct Log {
        address owner;
        address offered;
        uint8 status;
        uint8 epoch;
        uint32 count;
        uint48 last;
        bytes32 head;
    }

    struct Entry {
        uint8 kind;
        uint48 prev;
        address actor;
        uint40 time;
        bytes payload;
        bytes32 hash;
    }

    address private immutable REGISTRY;
    bool private immutable CURATED;
    address private immutable GUARDIAN;
    address private guardian; // until it resigns
    mapping(bytes32 id => Log) private logs;
    mapping(uint256 nonce => bytes32) private logOf;
    mapping(bytes32 id => mapping(uint256 epoch => mapping(address => uint40))) private until;
    mapping(string skeleton => bool) private taken;
    bytes32[] private ids;
    uint40 private now_;

    constructor(address registry, address owner, address guardian_, bool curated) {
        (REGISTRY, GUARDIAN, guardian, CURATED) = (registry, guardian_, guardian_, curated);
        logs[0].owner = owner;
        ids.push(0);
    }

    /// Reverts with what is wrong.
    function run() external {
        uint256 total = vm.getNonce(REGISTRY) - 1;
        for (uint48 nonce = 1; nonce <= total; ++nonce) {
            Entry memory entry = _entry(nonce);
            require(entry.time >= now_ && entry.time <= block.timestamp, "times run backwards");
            now_ = entry.time;
            if (entry.actor == GUARDIAN) _requireOffice(entry);
            if (entry.kind == 0x80) _claim(nonce, entry);
            else if (entry.prev == 0) _registryStep(nonce, entry);
            else _projectEntry(nonce, entry);
        }
        for (uint256 i = 0; i < ids.length; ++i) {
            _requireSlots(ids[i]);
        }
    }

    /// Nobody gives the guardian another role in these histories, so whatever it writes it writes by its office: bit 7
    /// and its resignation. It neither publishes nor claims, except that in an open registry anybody claims for others.
    function _requireOffice(Entry memory entry) private view {
        bool claims = entry.kind == 0x80 && !CURATED;
        bool resigns = entry.kind == 0x81 && entry.prev == 0 && entry.payload[6] == 0x02;
        require(entry.kind == 0x83 || resigns || claims, "the guardian went beyond its office");
    }

    function _claim(uint48 nonce, Entry memory entry) private {
        (address owner, string memory name) = (address(bytes20(_cut(entry.payload, 6, 20))), string(_rest(entry, 26)));
        bytes32 id = keccak256(bytes(name));
        require(Plain.isName(name) && owner != address(0) && entry.prev == 0, "a claim");
        require(logs[id].count == 0, "a name was claimed twice");
        if (CURATED) require(entry.actor == logs[0].owner, "a claim without the registry's owner");
        else require(!taken[Plain.skeleton(name)], "names that look alike");
        taken[Plain.skeleton(name)] = true;
        logs[id].owner = owner;
        ids.push(id);
        _extendRegistry(nonce, entry);
        _extend(id, nonce, entry.hash);
    }

    function _registryStep(uint48 nonce, Entry memory entry) private {
        require(entry.kind == 0x81 && entry.payload.length == 27, "an entry of the registry log");
        uint8 step = uint8(entry.payload[6]);
        address account = address(bytes20(_rest(entry, 7)));
        if (step == 2) {
            require(guardian != address(0) && entry.actor == guardian && account == guardian, "a resignation");
            guardian = address(0);
        } else {
            _handOver(logs[0], step, account, entry.actor);
        }
        _extendRegistry(nonce, entry);
    }

    function _projectEntry(uint48 nonce, Entry memory entry) private {
        bytes32 id = logOf[entry.prev];
        Log storage it = logs[id];
        require(id != 0 && it.last == entry.prev, "an entry does not follow its log's last");
        bool byOwner = entry.actor == it.owner;
        if (entry.kind == 0x81) {
            require(entry.payload.length == 21, "an OWNER entry");
            _handOver(it, uint8(entry.payload[0]), address(bytes20(_rest(entry, 1))), entry.actor);
            if (entry.payload[0] == 0x01) ++it.epoch;
        } else if (entry.kind == 0x82) {
            require(byOwner && entry.payload.length == 30, "a ROLE entry");
            until[id][it.epoch][address(bytes20(_cut(entry.payload, 0, 20)))] =
                uint40(bytes5(_cut(entry.payload, 20, 5)));
        } else if (entry.kind == 0x83) {
            uint8 changed = it.status ^ uint8(entry.payload[0]);
            require(entry.payload.length <= 513, "a STATUS entry");
            require(
                byOwner && changed < 0x80 || entry.actor == guardian && changed & 0x7f == 0, "another's status bits"
            );
            it.status = uint8(entry.payload[0]);
        } else {
            _requirePublished(id, entry, byOwner);
        }
        _extend(id, nonce, entry.hash);
    }

    function _requirePublished(bytes32 id, Entry memory entry, bool byOwner) private view {
        require(entry.kind > 0 && entry.kind < 0x80, "a kind that nobody writes");
        bool mayPublish = until[id][logs[id].epoch][entry.actor] > entry.time;
        require(byOwner || entry.kind < 0x40 && mayPublish, "an entry without an authorised actor");
        require(entry.kind > 0x1f || logs[id].status & 0x81 == 0, "a release while closed");
    }

    function _handOver(Log storage it, uint8 step, address account, address actor) private {
        if (step == 0) {
            require(actor == it.owner, "an offer by somebody else");
            it.offered = account;
        } else {
            require(step == 1 && actor == account && actor == it.offered, "a new owner without offer and acceptance");
            require(account != address(0), "nobody owns it");
            (it.owner, it.offered) = (account, address(0));
        }
    }

    function _extendRegistry(uint48 nonce, Entry memory entry) private {
        require(uint48(bytes6(_cut(entry.payload, 0, 6))) == logs[0].last, "rprev");
        _extend(0, nonce, entry.hash);
    }

    function _extend(bytes32 id, uint48 nonce, bytes32 hash) private {
        Log storage it = logs[id];
        it.head = Plain.fold(it.count == 0 ? Plain.firstHead(REGISTRY, id) : it.head, hash);
        (it.last, it.count, logOf[nonce]) = (nonce, it.count + 1, id);
    }

    function _requireSlots(bytes32 id) private view {
        Log storage it = logs[id];
        bytes32 slot = Plain.slotOf(id);
        require(vm.load(REGISTRY, slot) == Plain.slotA(it.owner, it.count, it.last, it.status, it.epoch), "slot A");
        require(vm.load(REGISTRY, bytes32(uint256(slot) + 1)) == it.head, "the head is not the fold");
    }

    function _entry(uint48 nonce) private view returns (Entry memory entry) {
        bytes memory blob = vm.computeCreateAddress(REGISTRY, nonce).code;
        require(blob.length >= 33 && blob[0] == 0, "a blob");
        entry.kind = uint8(blob[1]);
        entry.prev = uint48(bytes6(_cut(blob, 2, 6)));
        entry.actor = address(bytes20(_cut(blob, 8, 20)));
        entry.time = uint40(bytes5(_cut(blob, 28, 5)));
        entry.payload = _cut(blob, 33, blob.length - 33);
        entry.hash = keccak256(blob);
    }

    function _rest(Entry memory entry, uint256 from) private pure returns (bytes memory) {
        return _cut(entry.payload, from, entry.payload.length - from);
    }

    function _cut(bytes memory data, uint256 from, uint256 length) private pure returns (bytes memory part) {
        part = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            part[i] = data[from + i];
        }
    }
}
