// SPDX-License-Identifier: Apache-2.0

/// The version of the library (C_GetInfo), of the commands (`--version`) and of the packages.
/// The file VERSION has the same, for scripts; `scripts/lint` compares the two.
public enum ProjectVersion {
    /// Changes when programs that use the library have to.
    public static let major: UInt8 = 0
    /// Changes when something is added.
    public static let minor: UInt8 = 2
    /// Changes when only defects are mended. C_GetInfo has no room for it.
    public static let patch: UInt8 = 0

    /// As people write it: `1.2.3`.
    public static var text: String { "\(major).\(minor).\(patch)" }
}
