// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import ISO7816
import SmartCardBytes

/// The private-key operations of CPS3 (cards.md §4.4).
extension IASApplet {
    mutating func performSecurityOperation(
        _ command: CardCommand, _ card: inout CardEnvironment
    ) throws(Refusal) -> CardAnswer {
        switch command.parameters {
        case 0x90A0: return try hash(command, card)
        case 0x9E9A: return try computeDigitalSignature(command, &card)
        case 0x8086: return try decipher(command, &card)
        default: throw Refusal(.incorrectParameters, "operation not known")
        }
    }

    /// PSO HASH: `90 L1 [state, bit count] 80 L2 last block`.
    private mutating func hash(_ command: CardCommand, _ card: CardEnvironment) throws(Refusal) -> CardAnswer {
        guard let algorithm = environment.hash else {
            throw Refusal(.conditionsOfUseNotSatisfied, "no hash algorithm is set")
        }
        try command.expectNoResponse(card.transport)
        var reader = BERTLVReader(command.data)
        guard let state = try? reader.next(tag: 0x90), let last = try? reader.next(tag: 0x80), reader.isAtEnd else {
            throw Refusal(.incorrectData, "90 and 80 must be there, and nothing else")
        }
        guard (1...64).contains(last.value.count) else {
            throw Refusal(.incorrectData, "the last block has \(last.value.count) bytes")
        }
        environment.digest = nil
        if state.value.isEmpty {
            environment.digest = (algorithm, HashContext.digest(of: last.value, with: algorithm))
            return .done
        }
        guard state.value.count == algorithm.digestLength + 8 else {
            throw Refusal(.incorrectData, "the intermediate state has \(state.value.count) bytes")
        }
        let bits = state.value.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard bits > 0, bits.isMultiple(of: 512), bits < UInt64(1) << 60 else {
            throw Refusal(.incorrectData, "\(bits) is not a number of bits in whole blocks")
        }
        let chainingValue = Array(state.value.dropLast(8))
        guard var hash = HashContext(algorithm, resumingFrom: chainingValue, blockCount: bits / 512) else {
            throw Refusal(.incorrectData, "the intermediate state cannot be used")
        }
        hash.update(last.value)
        environment.digest = (algorithm, hash.finalize())
        return .done
    }

    /// PSO COMPUTE DIGITAL SIGNATURE over the card's own hash or over one in the command. If the
    /// PIN is missing, the hash is kept.
    private mutating func computeDigitalSignature(
        _ command: CardCommand, _ card: inout CardEnvironment
    ) throws(Refusal) -> CardAnswer {
        try command.expectResponse()
        guard let (key, algorithm) = environment.signature else {
            throw Refusal(.conditionsOfUseNotSatisfied, "no signature key is set")
        }
        guard command.expectation == .fetched || command.expectedLength == 256 else {
            throw Refusal(.wrongLength, "a signature has 256 bytes")
        }
        try checkAccess(to: key, card)
        let digest: [UInt8]
        if command.data.isEmpty {
            guard let hashed = environment.digest else {
                throw Refusal(.conditionsOfUseNotSatisfied, "nothing has been hashed")
            }
            environment.digest = nil
            guard hashed.algorithm == algorithm else {
                throw Refusal(.conditionsOfUseNotSatisfied, "the hash is of another algorithm than the signature")
            }
            digest = hashed.value
        } else {
            environment.digest = nil
            digest = command.data
        }
        return .response(try card.signPKCS1(digest, algorithm, with: key))
    }

    /// INTERNAL AUTHENTICATE: at most 40 % of the modulus (cards.md §4.4 c).
    mutating func internalAuthenticate(
        _ command: CardCommand, _ card: inout CardEnvironment
    ) throws(Refusal) -> CardAnswer {
        try command.expect(parameters: 0)
        try command.expectResponse()
        guard let key = environment.authentication else {
            throw Refusal(.conditionsOfUseNotSatisfied, "no authentication key is set")
        }
        let limit = card.modulusLength(key) * 2 / 5
        guard (1...limit).contains(command.data.count) else {
            throw Refusal(.wrongLength, "\(command.data.count) bytes to sign, \(limit) at the most")
        }
        try checkAccess(to: key, card)
        return .response(try card.signPKCS1(command.data, with: key))
    }

    /// PSO DECIPHER: 81 and the cryptogram in two blocks; returns the plain text without
    /// padding.
    private mutating func decipher(
        _ command: CardCommand, _ card: inout CardEnvironment
    ) throws(Refusal) -> CardAnswer {
        guard let key = environment.confidentiality else {
            chain.abandon()
            throw Refusal(.conditionsOfUseNotSatisfied, "no decryption key is set")
        }
        do {
            try checkAccess(to: key, card)
        } catch {
            chain.abandon()
            throw error
        }
        let length = card.modulusLength(key) + 1
        if command.cla & 0x10 == 0 { try command.expectResponse() }
        guard let data = try chain.collect(command, limit: length, card.transport) else { return .done }
        guard data.count == length else { throw Refusal(.wrongLength, "\(data.count) bytes instead of \(length)") }
        guard data[0] == 0x81 else { throw Refusal(.incorrectData, "the padding indicator must be 81") }
        return .response(try card.decryptPKCS1(Array(data.dropFirst()), with: key))
    }
}
