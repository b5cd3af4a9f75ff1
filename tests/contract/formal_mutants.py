"""Mistakes in the contracts, each with the proof that must find it."""

from dataclasses import dataclass

INDEX, BLOBS = "PackageIndex.sol", "Blobs.sol"


@dataclass(frozen=True)
class Mutant:
    """In `src/{source}`, `old`, which occurs once, becomes `new`; then `check` of `proofs` has a counterexample."""

    proofs: str
    check: str
    source: str
    old: str
    new: str = ""


CLAIMS = (
    Mutant(
        "Claims",
        "check_CuratedNamesAreTheRegistryOwnersToGive",
        INDEX,
        "        else _requireRegistryOwner();\n",
    ),
    Mutant(
        "Claims",
        "check_TakenNamesStayTaken",
        INDEX,
        "        if (project.a.last() != 0) revert NameTaken(name, project.a.owner());\n",
    ),
    Mutant(
        "Claims",
        "check_ReleasesComeWithOnesOwnClaims",
        INDEX,
        "_publish(id, project, RELEASE, msg.sender, release)",
        "_publish(id, project, RELEASE, owner, release)",
    ),
)
GUARDIAN = (
    Mutant(
        "Guardian",
        "check_OnlyTheGuardianHasItsFunctions",
        INDEX,
        "        _requireGuardian();\n        (bytes32 id, Log memory project) = _project(name);\n",
        "        (bytes32 id, Log memory project) = _project(name);\n",
    ),
    Mutant(
        "Guardian",
        "check_QuarantineIsOneBit",
        INDEX,
        "project.a.status() & ~QUARANTINED | (on ? QUARANTINED : 0)",
        "on ? QUARANTINED : 0",
    ),
    Mutant(
        "Guardian",
        "check_TheGuardianHasNoOtherPower",
        INDEX,
        "        if (actor != a.owner()) {\n",
        "        if (actor != a.owner() && actor != _guardian()) {\n",
    ),
    Mutant(
        "Guardian",
        "check_ResignationIsForEver",
        INDEX,
        "        guardianResigned = true;\n",
        "        guardianResigned = !guardianResigned && _mode() == OPEN;\n",
    ),
)
HISTORY = (
    Mutant("History", "check_LogsGrowByTheirNewBlob", "SlotA.sol", " + ONE_ENTRY)", ")"),
    Mutant("History", "check_LogsGrowByTheirNewBlob", INDEX, "mstore(0x20, blobHash)", "mstore(0x20, head)"),
    Mutant(
        "History",
        "check_AClaimWithAReleaseIsTwoBlobs",
        INDEX,
        "        _fold(REGISTRY, registry, nonce, blobHash);\n        _fold(id, project, nonce, blobHash);\n",
        "        _fold(id, project, nonce, blobHash);\n",
    ),
    Mutant(
        "History",
        "check_BlobsAreInert",
        BLOBS,
        'hex"80600a3d393df3", uint8(0), kind,',
        'hex"80600a3d393df3", kind, uint8(0),',
    ),
    Mutant(
        "History",
        "check_NoStepTouchesAnotherLog",
        INDEX,
        "        logs[id] = log;\n",
        "        logs[id] = log;\n        if (log.a.status() == ARCHIVED) logs[bytes32(uint256(1))].head = head;\n",
    ),
)
IMPLEMENTATION = (
    Mutant(
        "Implementation",
        "check_TheImplementationRefusesEveryStep",
        INDEX,
        "function resignGuardian() external onlyRegistry {",
        "function resignGuardian() external {",
    ),
)
OWNERSHIP = (
    Mutant(
        "Ownership",
        "check_ProjectsChangeHandsByAcceptance",
        INDEX,
        "if (msg.sender != offered || offered == address(0))",
        "if (offered == address(0))",
    ),
    Mutant(
        "Ownership",
        "check_RegistriesChangeHandsByAcceptance",
        INDEX,
        "        delete offers[id];\n",
    ),
    Mutant(
        "Ownership",
        "check_OwnersAloneOffer",
        INDEX,
        "        _requireRegistryOwner();\n        offers[REGISTRY] = to;\n",
        "        offers[REGISTRY] = to;\n",
    ),
    Mutant(
        "Ownership",
        "check_EpochsOnlyRise",
        INDEX,
        "        if (project.a.epoch() == type(uint8).max) revert TooManyTransfers(name);\n",
    ),
    Mutant(
        "Ownership",
        "check_OwnersFunctionsAreTheirs",
        INDEX,
        "_ownProject(name);\n        if (status >= QUARANTINED)",
        "_project(name);\n        if (status >= QUARANTINED)",
    ),
    Mutant(
        "Ownership",
        "check_StrangersChangeNothing",
        INDEX,
        "            if (block.timestamp >= until) revert NotPublisher(actor, until);\n",
        "            if (until != 0 && block.timestamp >= until) revert NotPublisher(actor, until);\n",
    ),
)
PUBLISHING = (
    Mutant(
        "Publishing",
        "check_OnlyOwnerAndPublishersAppend",
        INDEX,
        "if (block.timestamp >= until)",
        "if (block.timestamp > until)",
    ),
    Mutant(
        "Publishing",
        "check_PublishersAppendLowKindsAlone",
        INDEX,
        "            if (kind >= FIRST_OWNER_KIND) revert NotOwner(actor, a.owner());\n",
    ),
    Mutant("Publishing", "check_NobodyAppendsTheContractsKinds", INDEX, "kind >= CLAIM)", "kind > CLAIM)"),
    Mutant("Publishing", "check_ClosedProjectsTakeNoReleases", INDEX, "(ARCHIVED | QUARANTINED)", "ARCHIVED"),
    Mutant("Publishing", "check_TheHeaderNamesTheCaller", INDEX, "_store(kind, log.a.last(),", "_store(kind, 0,"),
    Mutant(
        "Publishing",
        "check_PublishersLapseWithTheirOwner",
        INDEX,
        "return uint256(epoch) << 160 | uint160(account);",
        "return uint256(epoch & 0xfe) << 160 | uint160(account);",
    ),
    Mutant(
        "Publishing",
        "check_GrantsAreOfThePresentEpoch",
        INDEX,
        "publishers[id][_role(project.a.epoch(), account)] = until;",
        "publishers[id][_role(project.a.status(), account)] = until;",
    ),
)
SIGNATURES = (
    Mutant(
        "Signatures",
        "check_TheSignerNeedsARole",
        INDEX,
        "        if (block.timestamp > deadline) revert SignatureExpired(deadline, block.timestamp);\n",
    ),
    Mutant(
        "Signatures",
        "check_TheHeaderNamesTheSigner",
        INDEX,
        "_publish(id, project, kind, signer, payload)",
        "_publish(id, project, kind, msg.sender, payload)",
    ),
    Mutant(
        "Signatures",
        "check_AKeySignsOverThePresentHead",
        "AppendSignature.sol",
        "keccak256(payload), head, deadline)",
        "keccak256(payload), bytes32(0), deadline)",
    ),
    Mutant(
        "Signatures",
        "check_AWalletSignsOverThePresentHead",
        "AppendSignature.sol",
        " && answer.length >= 32 && bytes32(answer) == bytes32(IERC1271.isValidSignature.selector)",
        " && answer.length >= 32",
    ),
)
MUTANTS = (*CLAIMS, *GUARDIAN, *HISTORY, *IMPLEMENTATION, *OWNERSHIP, *PUBLISHING, *SIGNATURES)
