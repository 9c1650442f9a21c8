// SPDX-License-Identifier: Apache-2.0

/// The version of the library (C_GetInfo), the commands (`--version`) and the packages. The file VERSION repeats it
/// for scripts; `scripts/lint` compares the two.
public enum ProjectVersion {
    /// Increased for incompatible changes.
    public static let major: UInt8 = 0
    /// Increased for new features.
    public static let minor: UInt8 = 2
    /// Increased for fixes only. C_GetInfo has no field for it.
    public static let patch: UInt8 = 0

    /// The version as text: `1.2.3`.
    public static var text: String { "\(major).\(minor).\(patch)" }
}
