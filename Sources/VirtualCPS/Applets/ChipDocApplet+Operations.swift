// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import ISO7816

/// The private-key operations of CPS4 (cards.md §4.5).
extension ChipDocApplet {
    /// A signature algorithm of tag 91 (cards.md §4.2): the four of ChipDoc's that are known
    /// to be used with the cards.
    struct Scheme {
        let hash: HashAlgorithm
        let isPSS: Bool

        init?(_ reference: UInt8) {
            switch reference {
            case 0x0A: (hash, isPSS) = (.sha1, false)
            case 0x28: (hash, isPSS) = (.sha256, false)
            case 0x15: (hash, isPSS) = (.sha1, true)
            case 0x2C: (hash, isPSS) = (.sha256, true)
            default: return nil
            }
        }
    }

    mutating func manageSecurityEnvironment(
        _ command: CardCommand, _ card: CardEnvironment
    ) throws(Refusal) -> CardAnswer {
        try command.expectNoResponse(card.transport)
        let data = command.data
        switch command.parameters {
        case 0x81B6:
            guard data.count == 4, data[0] == 0x91, data[1] == 0x02 else {
                throw Refusal(data.isEmpty ? .wrongLength : .incorrectData, "the template must be 91 02 algorithm key")
            }
            guard let scheme = Scheme(data[2]) else { throw Refusal(.incorrectData, "not a signature algorithm") }
            guard data[3] & 0x80 != 0 else {
                throw Refusal(.incorrectData, "bit 8 of the key must say that a hash is signed")
            }
            let key = try key(data[3] & 0x7F, card)
            guard key == .signature || scheme.isPSS else {
                throw Refusal(.incorrectData, "the authentication key signs with PSS only")
            }
            signature = (key, scheme)
        case 0x41B8:
            guard data.count == 3, data[0] == 0x83, data[1] == 0x01 else {
                throw Refusal(data.isEmpty ? .wrongLength : .incorrectData, "the template must be 83 01 key")
            }
            let key = try key(data[2], card)
            guard key == .authentication else { throw Refusal(.incorrectData, "the signature key does not decipher") }
            confidentiality = key
        default: throw Refusal(.incorrectParameters, "only SET 81 B6 and 41 B8")
        }
        return .done
    }

    private func key(_ reference: UInt8, _ card: CardEnvironment) throws(Refusal) -> CardKey {
        let key: CardKey? =
            switch (reference, selection.directory) {
            case (0x10, VirtualFilePath(0x0001)): .signature
            case (0x20, VirtualFilePath(0x0001)): .authentication
            default: nil
            }
        guard let key, card.keys[key] != nil else {
            throw Refusal(.referencedDataNotFound, "no such key in \(selection.directory)")
        }
        return key
    }

    private func checkPIN(_ card: CardEnvironment) throws(Refusal) {
        guard card.pins.user.isVerified else {
            throw Refusal(.securityStatusNotSatisfied, "the key needs the PIN")
        }
    }

    mutating func performSecurityOperation(
        _ command: CardCommand, _ card: inout CardEnvironment
    ) throws(Refusal) -> CardAnswer {
        switch command.parameters {
        case 0x9E9A: return try computeDigitalSignature(command, &card)
        case 0x8086: return try decipher(command, &card)
        default: throw Refusal(.incorrectParameters, "operation not known")
        }
    }

    private mutating func computeDigitalSignature(
        _ command: CardCommand, _ card: inout CardEnvironment
    ) throws(Refusal) -> CardAnswer {
        try command.expectResponse()
        guard let (key, scheme) = signature else {
            throw Refusal(.conditionsOfUseNotSatisfied, "no signature key is set")
        }
        guard command.data.count == scheme.hash.digestLength else {
            throw Refusal(.wrongLength, "a hash of \(command.data.count) bytes instead of \(scheme.hash.digestLength)")
        }
        try checkPIN(card)
        if scheme.isPSS { return .response(try card.signPSS(command.data, scheme.hash, with: key)) }
        return .response(try card.signPKCS1(command.data, scheme.hash, with: key))
    }

    /// PSO DECIPHER: the block of 256 bytes in two pieces; returns the raw result with its
    /// padding.
    private mutating func decipher(
        _ command: CardCommand, _ card: inout CardEnvironment
    ) throws(Refusal) -> CardAnswer {
        guard let key = confidentiality else {
            chain.abandon()
            throw Refusal(.conditionsOfUseNotSatisfied, "no decryption key is set")
        }
        do {
            try checkPIN(card)
        } catch {
            chain.abandon()
            throw error
        }
        let length = card.modulusLength(key)
        if command.cla & 0x10 == 0 { try command.expectResponse() }
        guard let data = try chain.collect(command, limit: length, card.transport) else { return .done }
        guard data.count == length else { throw Refusal(.wrongLength, "\(data.count) bytes instead of \(length)") }
        return .response(try card.apply(key, to: data))
    }
}
