// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import ISO7816

/// A PIN or PUK in the card (cards.md §3.1, §3.5).
struct PINObject {
    var value: [UInt8]
    let lengths: ClosedRange<Int>
    let maximumTries: Int
    var triesLeft: Int
    var isVerified = false

    /// VERIFY. The value may be padded to eight bytes with FF or 00 (cards.md
    /// §3.2). A length that no value of this kind has is refused before
    /// anything is compared, and costs no try (our choice).
    mutating func verify(_ candidate: [UInt8]) throws(Refusal) {
        guard candidate.count == 8 || lengths.contains(candidate.count) else {
            throw Refusal(.wrongLength, "the value has \(candidate.count) bytes")
        }
        try check(matches(candidate))
        isVerified = true
    }

    /// Counts one presentation.
    /// - Throws: 6983 when blocked already, 63Cx after a wrong one.
    mutating func check(_ isRight: Bool) throws(Refusal) {
        guard triesLeft > 0 else {
            isVerified = false
            throw Refusal(.authenticationMethodBlocked, "no tries left")
        }
        guard isRight else {
            triesLeft -= 1
            isVerified = false
            throw Refusal(counter, "wrong value, \(triesLeft) tries left")
        }
        triesLeft = maximumTries
    }

    /// 63Cx with the tries left.
    var counter: StatusWord { StatusWord(0x63, 0xC0 | UInt8(truncatingIfNeeded: min(triesLeft, 15))) }

    func matches(_ candidate: [UInt8]) -> Bool { PINObject.unpadded(candidate) == value }

    /// The value without padding to eight bytes.
    static func unpadded(_ candidate: [UInt8]) -> [UInt8] {
        guard candidate.count == 8, let pad = candidate.last, pad == 0xFF || pad == 0x00 else { return candidate }
        var rest = candidate[...]
        while rest.last == pad { rest = rest.dropLast() }
        return Array(rest)
    }

    /// A new value in a command, without its padding.
    /// - Throws: 6700 for a length, 6A80 for a character that it cannot have.
    func newValue(_ candidate: [UInt8]) throws(Refusal) -> [UInt8] {
        let value = PINObject.unpadded(candidate)
        guard lengths.contains(value.count) else {
            throw Refusal(.wrongLength, "the new value has \(value.count) digits")
        }
        guard value.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw Refusal(.incorrectData, "the new value is not made of digits")
        }
        return value
    }
}

/// The PIN and the PUK of one card. Verification is the card's, for all its
/// directories and applications, until reset (cards.md §3.5, §2.14).
struct PINs {
    var user: PINObject
    var puk: PINObject
    /// 9D: how often the PUK can still unblock; CPS3 only.
    var pukUsesLeft: Int

    init(_ profile: CardProfile) {
        user = PINObject(
            value: Array(profile.pin.value.utf8), lengths: 4...8, maximumTries: CardProfile.maximumPINTries,
            triesLeft: profile.pin.triesLeft)
        puk = PINObject(
            value: Array(profile.puk.value.utf8), lengths: 8...8,
            maximumTries: CardProfile.maximumPUKTries(profile.generation), triesLeft: profile.puk.triesLeft)
        pukUsesLeft = profile.puk.usesLeft
    }

    /// What a reset does: nothing is verified any more.
    mutating func forget() {
        user.isVerified = false
        puk.isVerified = false
    }
}
