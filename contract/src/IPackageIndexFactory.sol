// SPDX-License-Identifier: MIT
pragma solidity ^0.8.37;

/// @title Makes registries
/// @notice A registry is an EIP-1167 proxy with its arguments behind its code, laid out as OpenZeppelin's Clones does:
///
///     363d3d373d3d3d363d73 ‖ implementation ‖ 5af43d82803e903d91602b57fd5bf3 ‖ owner ‖ guardian ‖ mode u8 ‖ salt
///
/// It is made by CREATE2 with salt 0 and init code `610076 ‖ 3d81600a3d39f3 ‖` that code. So its address commits to the
/// factory, to the implementation and to the arguments, and nothing but this factory can have put anything there.
/// Nothing else does: code and storage at any other address may be forged.
///
/// The factory makes its implementation in its constructor, takes no arguments, and is itself deployed with salt 0 by
/// the CREATE2 deployer 0x4e59b44847b379578588920cA78FbF26c0B4956C, which gives both the same addresses on every chain.
/// Nobody owns it.
interface IPackageIndexFactory {
    /// @notice A registry came into being.
    event Created(address indexed registry);

    /// @notice A registry has an owner.
    error ZeroAddress();

    /// @notice The mode is 0, open, or 1, curated.
    error InvalidMode(uint8 mode);

    /// @notice There is a registry with these very arguments.
    error RegistryExists(address registry);

    /// @notice The chain refused to create the registry.
    error CreationFailed(address registry);

    /// @notice Makes a registry. Who calls has no part in it.
    /// @param owner Its first owner: claims, if it is curated; in any case may hand it on.
    /// @param guardian Who may quarantine projects, for as long as they do not resign; zero for nobody, ever.
    /// @param mode 0 open: anybody claims names. 1 curated: its owner claims names.
    /// @param salt Tells registries apart that are alike in the rest.
    function create(address owner, address guardian, uint8 mode, bytes32 salt) external returns (address registry);

    /// @notice Where the registry with these arguments is, or would be.
    function addressOf(address owner, address guardian, uint8 mode, bytes32 salt) external view returns (address);

    /// @notice The code behind every registry.
    function implementation() external view returns (address);
}
