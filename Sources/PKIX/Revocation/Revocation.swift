// SPDX-License-Identifier: Apache-2.0

/// What is known of a revocation of a certificate and of the authorities above it.
public enum Revocation: Sendable, Equatable {
    /// Nothing that is here speaks of the certificate.
    case notChecked
    /// It was not revoked by a list that has ended since, at this time.
    case outdated(UniversalTime)
    /// It was not revoked; the oldest word of this is from this time.
    case good(asOf: UniversalTime)
    /// One of the chain was revoked, and when.
    case revoked(Certificate, at: UniversalTime)

    /// What holds for a chain of which both are known: a revocation before what is not
    /// known, and that before what is good.
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

    /// What holds for one certificate of which two sources speak: the one that knows more.
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
