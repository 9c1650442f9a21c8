// SPDX-License-Identifier: Apache-2.0

/// The revocation state of a certificate and the authorities above it.
public enum Revocation: Sendable, Equatable {
    /// No information about the certificate.
    case notChecked
    /// Not revoked at this time, by a list that is outdated now.
    case outdated(UniversalTime)
    /// Not revoked; the oldest information is from this time.
    case good(asOf: UniversalTime)
    /// This certificate of the chain was revoked at this time.
    case revoked(Certificate, at: UniversalTime)

    /// Combines the states of two certificates of a chain: revoked takes precedence over not
    /// known, not known over good.
    func joined(with other: Revocation) -> Revocation {
        switch (self, other) {
        case (.revoked, _): self
        case (_, .revoked): other
        case (.notChecked, _), (_, .notChecked): .notChecked
        case (.outdated(let first), .outdated(let second)): .outdated(min(first, second))
        case (.outdated, _): self
        case (_, .outdated): other
        case (.good(let first), .good(let second)): .good(asOf: min(first, second))
        }
    }

    /// Combines two sources for one certificate: the more informative one.
    func or(_ other: Revocation) -> Revocation {
        switch (self, other) {
        case (.revoked(_, let first), .revoked(_, let second)): first <= second ? self : other
        case (.revoked, _): self
        case (_, .revoked): other
        case (.good(let first), .good(let second)): .good(asOf: max(first, second))
        case (.good, _): self
        case (_, .good): other
        case (.outdated(let first), .outdated(let second)): .outdated(max(first, second))
        case (.outdated, .notChecked): self
        case (.notChecked, _): other
        }
    }
}
