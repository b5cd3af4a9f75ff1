// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

import {IPackageIndex} from "../../src/IPackageIndex.sol";
import {IPackageIndexFactory} from "../../src/IPackageIndexFactory.sol";
import {vm} from "../Vm.sol";
import {Accounts} from "./Accounts.sol";
import {Draws} from "./Draws.sol";
import {Model} from "./Model.sol";

/// What forge calls in random order: each step asks the model first, makes the call, and holds the outcome, the error
/// included, against the model. Most steps are made by those who may; the rest are attempts.
contract Steps is Accounts, Draws {
    Model[] private models;
    uint256 public accepted;
    uint256 public refused;
    mapping(bytes4 selector => bool) public succeeded;

    constructor(IPackageIndexFactory factory) {
        for (uint8 i = 0; i < 4; ++i) {
            (address guardian, uint8 mode) = (i % 2 == 0 ? GUARDIAN : address(0), i / 2);
            address registry = factory.create(FOUNDER, guardian, mode, bytes32(uint256(i)));
            models.push(new Model(registry, FOUNDER, guardian, mode == 1));
            _claim(models[i], FOUNDER, "first", member(i), "");
        }
    }

    function everyModel() external view returns (Model[] memory) {
        return models;
    }

    function everyAccount() external view returns (address[] memory) {
        return accounts;
    }

    // ---------------------------------------------------------------- steps

    function claim(uint256 seed) external drawingFrom(seed) {
        Model model = _registry();
        address owner = member(draw(100));
        address sender = oneIn(2) ? owner : anybody(draw(100));
        if (model.curated()) sender = _or(model.log("").owner);
        bool givesRelease = sender == owner ? oneIn(2) : oneIn(20);
        string memory name = oneIn(20) ? _project(model) : drawName();
        _claim(model, sender, name, oneIn(40) ? address(0) : owner, givesRelease ? drawPayload() : bytes(""));
    }

    function append(uint256 seed) external drawingFrom(seed) {
        Model model = _registry();
        string memory name = _project(model);
        address actor = _or(_author(model, name));
        (uint8 kind, bytes memory payload) = (_kind(model, name, actor), drawPayload());
        bytes4 refusal = model.refusesAppend(actor, name, kind, payload);
        if (_call(model, actor, refusal, abi.encodeCall(IPackageIndex.append, (name, kind, payload)))) {
            model.appended(actor, name, kind, payload);
        }
    }

    function appendWithSig(uint256 seed) external drawingFrom(seed) {
        Model model = _registry();
        string memory name = _project(model);
        address signer = _or(_author(model, name));
        (uint8 kind, bytes memory payload) = (_kind(model, name, signer), drawPayload());
        uint256 deadline = block.timestamp + draw(1000);
        bytes32 digest = _digest(model, name, kind, payload, signer, deadline);
        bytes4 refusal = model.refusesAppend(signer, name, kind, payload);
        if (signer == FOUNDER || signer == GUARDIAN || signer == STRANGER || oneIn(20)) {
            digest = keccak256(abi.encode(digest));
            refusal = IPackageIndex.InvalidSignature.selector;
        }
        bytes memory data =
            abi.encodeCall(IPackageIndex.appendWithSig, (name, kind, payload, signer, deadline, sign(signer, digest)));
        if (_call(model, anybody(draw(100)), refusal, data)) {
            model.appended(signer, name, kind, payload);
            _attempt(model, anybody(draw(100)), IPackageIndex.InvalidSignature.selector, data);
            vm.warp(deadline + 1);
            _attempt(model, signer, IPackageIndex.SignatureExpired.selector, data);
        }
    }

    function setPublisher(uint256 seed) external drawingFrom(seed) {
        Model model = _registry();
        string memory name = _project(model);
        address sender = _or(model.log(name).owner);
        address account = oneIn(40) ? address(0) : member(draw(100));
        uint40 until = oneIn(4) ? 0 : uint40(block.timestamp + draw(20 days) - (oneIn(20) ? 20 days : 0));
        uint40 since = oneIn(until == 0 ? 2 : 40) ? uint40(block.timestamp + 1 - draw(30 days + 3)) : 0;
        bytes4 refusal = model.refusesPublisher(sender, name, account, until, since);
        bytes memory data = abi.encodeCall(IPackageIndex.setPublisher, (name, account, until, since));
        if (_call(model, sender, refusal, data)) model.publisherSet(sender, name, account, until, since);
    }

    function transferProject(uint256 seed) external drawingFrom(seed) {
        Model model = _registry();
        _offer(model, _project(model));
    }

    function acceptProject(uint256 seed) external drawingFrom(seed) {
        Model model = _registry();
        string memory name = _offered(model);
        address offered = model.log(name).offered;
        if (offered == address(0) && !oneIn(8)) return _offer(model, name);
        address sender = _or(offered);
        bytes4 refusal = model.refusesAccept(sender, name);
        if (_call(model, sender, refusal, abi.encodeCall(IPackageIndex.acceptProject, (name)))) {
            model.accepted(sender, name);
        }
    }

    function setStatus(uint256 seed) external drawingFrom(seed) {
        Model model = _registry();
        string memory name = _project(model);
        address sender = _or(model.log(name).owner);
        uint8 status = uint8(oneIn(2) ? draw(4) * 2 : draw(oneIn(10) ? 256 : 128)); // often open to releases
        string memory reason = drawReason();
        bytes4 refusal = model.refusesStatus(sender, name, status, reason);
        if (_call(model, sender, refusal, abi.encodeCall(IPackageIndex.setStatus, (name, status, reason)))) {
            model.statusSet(sender, name, model.log(name).status & 0x80 | status, reason);
        }
    }

    function quarantine(uint256 seed) external drawingFrom(seed) {
        Model model = models[oneIn(8) ? 1 : 2 * draw(2)]; // most of them have a guardian
        string memory name = _project(model);
        (address sender, bool on, string memory reason) = (_or(GUARDIAN), oneIn(3), drawReason());
        bytes4 refusal = model.refusesQuarantine(sender, reason);
        if (_call(model, sender, refusal, abi.encodeCall(IPackageIndex.quarantine, (name, on, reason)))) {
            model.statusSet(sender, name, model.log(name).status & 0x7f | (on ? 0x80 : 0), reason);
            model.requireBlobs(); // a quarantine edits no history
            model.requireLog(name);
        }
    }

    function transferRegistry(uint256 seed) external drawingFrom(seed) {
        _offerRegistry(_registry());
    }

    function acceptRegistry(uint256 seed) external drawingFrom(seed) {
        Model model = _registry();
        address offered = model.log("").offered;
        if (offered == address(0) && !oneIn(8)) return _offerRegistry(model);
        address sender = _or(offered);
        bytes4 refusal = model.refusesAccept(sender, "");
        if (_call(model, sender, refusal, abi.encodeCall(IPackageIndex.acceptRegistry, ()))) {
            model.accepted(sender, "");
        }
    }

    /// Seldom, for there is no way back; else time passes.
    function resignGuardianOrWait(uint256 seed) external drawingFrom(seed) {
        if (!oneIn(40)) return vm.warp(block.timestamp + draw(oneIn(4) ? 15 days : 1 days));
        Model model = _registry();
        address sender = _or(GUARDIAN);
        bytes4 refusal = model.refusesQuarantine(sender, "");
        if (_call(model, sender, refusal, abi.encodeCall(IPackageIndex.resignGuardian, ()))) model.resigned(sender);
    }

    // ---------------------------------------------------------------- who, where and what

    function _registry() private returns (Model) {
        return models[draw(models.length)];
    }

    function _project(Model model) private returns (string memory) {
        return model.nameAt(draw(model.numberOfNames()));
    }

    /// A project with an open offer where there is one.
    function _offered(Model model) private returns (string memory name) {
        uint256 first = draw(model.numberOfNames());
        for (uint256 i = 0; i < model.numberOfNames(); ++i) {
            name = model.nameAt((first + i) % model.numberOfNames());
            if (model.log(name).offered != address(0)) return name;
        }
    }

    /// The one who may, or now and then anybody.
    function _or(address rightful) private returns (address) {
        return oneIn(10) ? anybody(draw(100)) : rightful;
    }

    /// Somebody who may publish: the owner as often as a publisher.
    function _author(Model model, string memory name) private returns (address) {
        uint256 first = draw(MEMBERS);
        for (uint256 i = 0; i < MEMBERS && !oneIn(2 * MEMBERS); ++i) {
            address account = member(first + i);
            if (model.untilOf(name, account) > block.timestamp) return account;
        }
        return model.log(name).owner;
    }

    function _kind(Model model, string memory name, address actor) private returns (uint8 kind) {
        Model.Log memory project = model.log(name);
        if (oneIn(20)) return uint8(draw(256));
        kind = uint8(1 + draw(actor == project.owner ? 0x7f : 0x3f));
        if (project.status & 0x81 != 0 && kind < 0x20 && !oneIn(8)) kind += 0x20;
    }

    function _digest(
        Model model,
        string memory name,
        uint8 kind,
        bytes memory payload,
        address signer,
        uint256 deadline
    ) private view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("dipmp"),
                keccak256("1"),
                block.chainid,
                model.registry()
            )
        );
        bytes32 message = keccak256(
            abi.encode(
                keccak256("Append(address signer,string name,uint8 kind,bytes payload,bytes32 head,uint256 deadline)"),
                signer,
                keccak256(bytes(name)),
                kind,
                keccak256(payload),
                model.log(name).head,
                deadline
            )
        );
        return keccak256(abi.encodePacked(hex"1901", domain, message));
    }

    // ---------------------------------------------------------------- making the call

    function _claim(Model model, address sender, string memory name, address owner, bytes memory release) private {
        bytes4 refusal = model.refusesClaim(sender, name, owner, release);
        if (_call(model, sender, refusal, abi.encodeCall(IPackageIndex.claim, (name, owner, release)))) {
            model.claimed(sender, name, owner, release);
        }
    }

    function _offer(Model model, string memory name) private {
        address sender = _or(model.log(name).owner);
        address to = oneIn(10) ? address(0) : member(draw(100));
        bytes4 refusal = model.refusesTransfer(sender, name);
        bytes memory data = abi.encodeCall(IPackageIndex.transferProject, (name, to));
        if (_call(model, sender, refusal, data)) model.offered(sender, name, to);
    }

    function _offerRegistry(Model model) private {
        address sender = _or(model.log("").owner);
        address to = oneIn(10) ? address(0) : member(draw(100));
        bytes4 refusal = model.refusesTransfer(sender, "");
        if (_call(model, sender, refusal, abi.encodeCall(IPackageIndex.transferRegistry, (to)))) {
            model.offered(sender, "", to);
        }
    }

    /// Makes a call that must meet this error, 0 for none.
    function _call(Model model, address sender, bytes4 refusal, bytes memory data) private returns (bool) {
        refusal == 0 ? ++accepted : ++refused;
        if (refusal == 0) succeeded[bytes4(data)] = true;
        _attempt(model, sender, refusal, data);
        return refusal == 0;
    }

    function _attempt(Model model, address sender, bytes4 refusal, bytes memory data) private {
        address registry = model.registry();
        vm.prank(sender);
        (bool success, bytes memory reason) = registry.call(data);
        if (refusal == 0) require(success, "refused what is allowed");
        else require(!success && bytes4(reason) == refusal, "allowed what is refused, or for another reason");
    }
}
