// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import ISO7816

/// A PIN or PUK in the card (cards.md §3.1, §3.5). The card compares bytes: anything other
/// than the block of its value is a wrong PIN and costs a try, including a wrong length or
/// padding.
struct VirtualPIN {
    /// Digits, without padding.
    var value: [UInt8]
    let lengths: ClosedRange<Int>
    /// The length to which the value is padded with FF; nil without padding.
    let paddedLength: Int?
    let maximumTries: Int
    var triesLeft: Int
    var isVerified = false

    static let paddingByte: UInt8 = 0xFF

    /// The bytes that a command must present.
    var block: [UInt8] {
        value + [UInt8](repeating: VirtualPIN.paddingByte, count: max((paddedLength ?? 0) - value.count, 0))
    }

    /// VERIFY.
    mutating func verify(_ candidate: [UInt8]) throws(Refusal) {
        try check(candidate == block)
        isVerified = true
    }

    /// Counts one presentation.
    /// - Throws: 6983 if already blocked, 63Cx if wrong.
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

    /// The digits of a new value in a command.
    /// - Throws: 6700 for a wrong length, 6A80 for a wrong character.
    func newValue(_ candidate: [UInt8]) throws(Refusal) -> [UInt8] {
        guard candidate.count == paddedLength ?? candidate.count else {
            throw Refusal(.wrongLength, "the new value has \(candidate.count) bytes")
        }
        let padding = paddedLength == nil ? nil : candidate.firstIndex(of: VirtualPIN.paddingByte)
        let digits = Array(candidate[..<(padding ?? candidate.count)])
        guard lengths.contains(digits.count) else {
            throw Refusal(.wrongLength, "the new value has \(digits.count) digits")
        }
        guard digits.allSatisfy({ (0x30...0x39).contains($0) }),
            candidate[digits.count...].allSatisfy({ $0 == VirtualPIN.paddingByte })
        else { throw Refusal(.incorrectData, "the new value is not made of digits and padding") }
        return digits
    }
}

/// The PIN and the PUK of one card. A verified PIN is valid in all directories and
/// applications until reset (cards.md §3.5, §2.14).
struct PINs {
    var user: VirtualPIN
    var puk: VirtualPIN
    /// Tag 9D: the number of remaining uses of the PUK; CPS3 only.
    var pukUsesLeft: Int

    init(_ profile: CardProfile) {
        user = VirtualPIN(
            value: Array(profile.pin.value.utf8), lengths: profile.pinBlock.lengths,
            paddedLength: profile.pinBlock.paddedLength, maximumTries: CardProfile.maximumPINTries,
            triesLeft: profile.pin.triesLeft)
        // Eight digits fill the block, with padding or without.
        puk = VirtualPIN(
            value: Array(profile.puk.value.utf8), lengths: 8...8, paddedLength: nil,
            maximumTries: CardProfile.maximumPUKTries(profile.generation), triesLeft: profile.puk.triesLeft)
        pukUsesLeft = profile.puk.usesLeft
    }

    /// Reset: nothing is verified any more.
    mutating func forget() {
        user.isVerified = false
        puk.isVerified = false
    }
}
