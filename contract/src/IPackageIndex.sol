// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title A package index as an append-only log
/// @notice One contract is one registry: a namespace of Python projects. The chain orders, authenticates and keeps
/// entries; readers interpret them. Nothing is ever changed or removed.
///
/// Blobs. Each entry is the code of a contract of its own, created by the registry and never executed:
///
///     00 | kind u8 | prev u48 | actor address | time u40 | payload        integers are big-endian
///
/// The registry writes everything before the payload, so `actor` and `time` cannot be forged. A blob is named by its
/// CREATE nonce: the first is 1, 0 means none, and its address is keccak256(rlp([registry, nonce]))[12:]. `prev` is the
/// nonce of the previous blob of the same log.
///
/// Logs. A log belongs to an id: keccak256(name) for a project, 0 for the registry itself. Its whole history is
/// committed to by one hash, its head:
///
///     head0 = keccak256(abi.encode(chainid, registry, id))        head' = keccak256(head ‖ keccak256(blob))
///
/// The registry log lists the projects: a CLAIM is one blob, folded into the registry's head and, as its entry 0, into
/// the project's. Payloads of the registry log begin with `rprev u48`, which plays the part of `prev` there; the `prev`
/// of such a blob is 0.
///
/// Storage, fixed for ever so that a Merkle proof of two slots proves a history:
///
///     slot 0   mapping(id => A, B)    A = owner u160 | count u32 | last u48 | status u8 | epoch u8, from the lowest bit
///                                     B = head, zero while the log is empty
///     slot 1   number of blobs
///
/// A project exists when `last` is not 0.
///
/// Kinds, and who may append them:
///
///     0x01–0x1f   the project's owner and publishers (0x01 RELEASE); refused while archived or quarantined
///     0x20–0x3f   the project's owner and publishers (0x20 YANK)
///     0x40–0x7f   the project's owner
///     0x80        CLAIM    rprev u48 ‖ owner ‖ name                       written by the contract
///     0x81        OWNER    step u8 ‖ address                              written by the contract
///     0x82        ROLE     address ‖ until u40 ‖ compromisedSince u40     written by the contract
///     0x83        STATUS   status u8 ‖ reason                             written by the contract
///
/// The steps of OWNER: 0 offered to the address, or withdrawn when that is zero; 1 accepted by it; 2, in the registry log
/// alone, the guardian, whose address it is, resigned.
///
/// Status bits: 0x01 archived, 0x02 deprecated, 0x04–0x40 free for readers to agree on, all of them the project owner's;
/// 0x80 quarantined, the guardian's. Neither can change the other's.
///
/// Registries. A registry is an EIP-1167 proxy, made by IPackageIndexFactory, whose code ends in what it was created
/// with and cannot change: `owner ‖ guardian ‖ mode u8 ‖ salt`. In an open registry (mode 0) anybody claims names, and a
/// name that is easily mistaken for one that is taken is refused; in a curated one (mode 1) the registry's owner alone
/// claims, for whom they choose. Nobody, the registry's owner included, has any power over entries or over other
/// people's projects. Called directly, the code behind the proxies refuses.
///
/// Events are for explorers. They are neither provable nor durable, and no reader depends on them.
interface IPackageIndex {
    /// @notice An entry other than a CLAIM was stored as blob `nonce`.
    event Appended(bytes32 indexed id, address indexed actor, uint256 nonce);

    /// @notice A project came into being; its CLAIM is blob `nonce`.
    event Claimed(bytes32 indexed id, address indexed owner, uint256 nonce, string name);

    /// @notice The name is not 1 to 128 characters of PEP 503 normal form, `[a-z0-9]+(-[a-z0-9]+)*`.
    error InvalidName(string name);

    /// @notice Somebody owns the name already.
    error NameTaken(string name, address owner);

    /// @notice The name is easily mistaken for `holder`, which is taken: they differ in no more than hyphens, in `l`, `i`
    /// and `1`, and in `o` and `0`.
    error ConfusableName(string name, string holder);

    /// @notice Nobody has claimed the name.
    error UnknownProject(string name);

    /// @notice The zero address can own nothing and publish nothing.
    error ZeroAddress();

    /// @notice Only the owner may do this.
    error NotOwner(address caller, address owner);

    /// @notice The caller neither owns the project nor is its publisher now; `until` is when that ended, 0 for never.
    error NotPublisher(address caller, uint40 until);

    /// @notice Ownership was not offered to the caller; `offered` is who it was offered to, zero for nobody.
    error NotOffered(address caller, address offered);

    /// @notice Only the guardian may do this; zero means that there is none, or none any more.
    error NotGuardian(address caller, address guardian);

    /// @notice The kind is 0 or is written by the contract alone.
    error InvalidKind(uint8 kind);

    /// @notice The payload does not fit one blob.
    error PayloadTooLong(uint256 length, uint256 limit);

    /// @notice The project takes no releases while its status is archived or quarantined.
    error ReleasesClosed(uint8 status);

    /// @notice The owner's status bits are 0x01 to 0x40.
    error InvalidStatus(uint8 status);

    /// @notice The reason is too long, in bytes.
    error ReasonTooLong(uint256 length, uint256 limit);

    /// @notice The signature's deadline has passed.
    error SignatureExpired(uint256 deadline, uint256 time);

    /// @notice The signature is not the signer's, or not over these arguments, this registry, this chain and `head`, the
    /// log's present head: the log may have grown since.
    error InvalidSignature(address signer, bytes32 head);

    /// @notice The owner may do all that a publisher may, and cannot be one.
    error OwnerIsNoPublisher(address owner);

    /// @notice A publisher's expiry must lie in the future, or be 0 to revoke.
    error AlreadyExpired(uint40 until, uint256 time);

    /// @notice `compromisedSince` belongs to a revocation, that is, `until` 0.
    error NotARevocation(uint40 until);

    /// @notice `compromisedSince` is 0, or in the last 30 days.
    error InvalidCompromisedSince(uint40 since, uint256 earliest, uint256 latest);

    /// @notice The project has changed hands 255 times, as often as its role epoch can count.
    error TooManyTransfers(string name);

    /// @notice This is the code that the registries share, and not a registry.
    error NotARegistry(address called);

    /// @notice The chain derives contract addresses in another way than Ethereum, or refused to store the blob.
    error UnexpectedBlobAddress(address created, address expected);

    /// @notice Takes a free name for ever, for `owner`, who need not be the caller. In a curated registry, the registry's
    /// owner only.
    /// @param name PEP 503 normal form; it is checked, never normalised.
    /// @param owner The first owner.
    /// @param release Payload of a first RELEASE entry, empty for none. As with any release, its sender must be allowed
    /// to append it, so only a caller who claims for themselves may give one.
    function claim(string calldata name, address owner, bytes calldata release) external;

    /// @notice Adds an entry to a project's log.
    /// @param kind 0x01 to 0x7f.
    /// @param payload At most 24,543 bytes, opaque to the contract.
    function append(string calldata name, uint8 kind, bytes calldata payload) external;

    /// @notice Adds an entry for `signer`, whoever sends and pays for it. The signature (EIP-712) is over
    ///
    ///     Append(address signer,string name,uint8 kind,bytes payload,bytes32 head,uint256 deadline)
    ///
    /// in the domain (name "dipmp", version "1", chainId, verifyingContract = the registry), where `head` is the head of
    /// the project's log, so that it holds once, and until somebody else appends.
    /// @param deadline Unix time of the last second in which the signature holds.
    /// @param signature Of the signer's own key, r ‖ s ‖ v with the lower s; else what the signer, a contract, accepts by
    /// ERC-1271.
    function appendWithSig(
        string calldata name,
        uint8 kind,
        bytes calldata payload,
        address signer,
        uint256 deadline,
        bytes calldata signature
    ) external;

    /// @notice Lets an account publish until a date, or revokes it, and logs that as a ROLE entry. Owner only.
    /// @param until Unix time at which the permission ends; 0 revokes.
    /// @param compromisedSince 0, or for a revocation the time, at most 30 days ago, since when the key was in wrong
    /// hands: readers withdraw what it released from then on.
    function setPublisher(string calldata name, address account, uint40 until, uint40 compromisedSince) external;

    /// @notice Offers a project to `to`, who must accept; zero withdraws the offer. Logged as an OWNER entry. Owner only.
    function transferProject(string calldata name, address to) external;

    /// @notice Accepts an offered project. All publishers lapse. Logged as an OWNER entry.
    function acceptProject(string calldata name) external;

    /// @notice Sets the owner's status bits, all of them, and logs the whole status as a STATUS entry. Owner only.
    /// @param status 0x01 archived, 0x02 deprecated, and what readers agree on up to 0x40.
    /// @param reason For people; at most 512 bytes.
    function setStatus(string calldata name, uint8 status, string calldata reason) external;

    /// @notice Sets or clears the guardian's status bit, and logs the whole status as a STATUS entry. Guardian only.
    function quarantine(string calldata name, bool on, string calldata reason) external;

    /// @notice Gives up the guardian's office for ever; logged in the registry log as an OWNER entry. Guardian only.
    /// What is quarantined then remains so: nobody can lift it any more.
    function resignGuardian() external;

    /// @notice Offers the registry to `to`, who must accept; zero withdraws the offer. Logged in the registry log as an
    /// OWNER entry. The registry's owner only.
    function transferRegistry(address to) external;

    /// @notice Accepts the offered registry. Logged in the registry log as an OWNER entry.
    function acceptRegistry() external;

    /// @notice Reads a log, newest entry first.
    /// @param project The project's name; empty for the registry log.
    /// @param known The newest nonce that the reader holds: entries from there on down are left out. 0 holds none.
    /// @param from Where to begin: 0 for the newest entry, or the `next` of the page before.
    /// @param maxBytes Upper bound for the page. A page ends early when the next entry does not fit into it or into the
    /// gas of the call, so 24,580 bytes are needed to be sure to advance, and 0 reads the two slots alone.
    /// @return slotA Storage slot A of the log. Its count tells whether the pages are complete, across reorganisations too.
    /// @return head Storage slot B of the log, for the reader to recompute.
    /// @return next Cursor of the next page, 0 when there is none.
    /// @return page Entries, each as length u32 ‖ blob.
    function read(string calldata project, uint256 known, uint256 from, uint256 maxBytes)
        external
        view
        returns (uint256 slotA, bytes32 head, uint256 next, bytes memory page);

    /// @notice Reads every blob of the registry in nonce order, for mirrors.
    /// @param from The first nonce wanted; 0 and 1 are the beginning.
    /// @param maxBytes As in `read`.
    /// @return total Number of blobs, which is the newest nonce.
    /// @return next Cursor of the next page, 0 when there is none.
    /// @return page Entries, each as length u32 ‖ blob.
    function scan(uint256 from, uint256 maxBytes) external view returns (uint256 total, uint256 next, bytes memory page);

    /// @notice When an account's permission to publish ends or ended; 0 when it has none from the present owner.
    function publisherUntil(string calldata name, address account) external view returns (uint40);

    /// @notice Who a project, or for the empty name the registry, is offered to; zero for nobody.
    function offeredTo(string calldata name) external view returns (address);

    /// @notice Who owns the registry. Slot A of the registry log holds it from the log's first entry on.
    function registryOwner() external view returns (address);

    /// @notice Who may quarantine projects; zero for nobody, or nobody any more.
    function guardian() external view returns (address);

    /// @notice 0 for an open registry, 1 for a curated one.
    function mode() external view returns (uint8);
}
