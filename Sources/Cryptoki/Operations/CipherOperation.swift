// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import HostCryptography
import SmartCardBytes

/// One PKCS#1 v1.5 block that comes in parts.
struct CipherBlock {
    private(set) var bytes: [UInt8] = []
    private(set) var isMultipart = false
    let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Adds a part. Returns false if it exceeds one block.
    mutating func update(_ part: Span<UInt8>) -> Bool {
        isMultipart = true
        guard part.count <= limit - bytes.count else { return false }
        for index in part.indices { bytes.append(part[index]) }  // checked: its own indices
        return true
    }
}

/// An active encryption, on the host (PKCS#11 3.1 §5.8).
struct EncryptionOperation: MultipartOperation {
    let publicKey: RSAPublicKey
    var block: CipherBlock

    init(publicKey: RSAPublicKey) {
        self.publicKey = publicKey
        block = CipherBlock(limit: publicKey.modulusLength - PKCS1Padding.overhead)
    }

    var isMultipart: Bool { block.isMultipart }
    var isAskedInOnePiece = false
    var length: Int { publicKey.modulusLength }

    mutating func update(_ part: Span<UInt8>) throws(CryptokiError) {
        guard block.update(part) else { throw .dataLengthRange }
    }

    func encrypt(_ message: [UInt8]) throws(CryptokiError) -> [UInt8] {
        guard message.count <= block.limit else { throw .dataLengthRange }
        guard let cryptogram = publicKey.encryptPKCS1(message) else { throw .functionFailed }
        return cryptogram
    }
}

/// An active decryption, on the card (PKCS#11 3.1 §5.10).
struct DecryptionOperation: MultipartOperation {
    let key: KeyObject
    var block: CipherBlock
    /// The message that the card has decrypted, if the caller's buffer was too small for it.
    private var kept: KeptMessage?

    init(key: KeyObject) {
        self.key = key
        block = CipherBlock(limit: (key.modulusLength + 7) / 8)
    }

    var isMultipart: Bool { block.isMultipart }
    var isAskedInOnePiece = false

    mutating func update(_ part: Span<UInt8>) throws(CryptokiError) {
        guard block.update(part) else { throw .encryptedDataLengthRange }
    }

    /// The longest message in bytes.
    var maximumLength: Int { max(block.limit - PKCS1Padding.overhead, 0) }

    /// Decrypts a cryptogram. The card is not asked twice for the same one.
    mutating func decrypt(_ cryptogram: [UInt8], on token: Token) throws(CryptokiError) -> [UInt8] {
        guard cryptogram.count == block.limit else { throw .encryptedDataLengthRange }
        if let message = kept?.take(of: cryptogram) { return message }
        do throws(CardError) {
            return try token.withCard { (state) throws(CardError) in try state.card.decrypt(cryptogram, with: key) }
        } catch {
            throw CryptokiError(error)
        }
    }

    /// Holds a message for the next call.
    mutating func keep(_ message: [UInt8], of cryptogram: [UInt8]) {
        kept = KeptMessage(message, of: cryptogram)
    }
}

/// A message waiting for a larger buffer. It is wiped when the operation ends.
private final class KeptMessage {
    private let cryptogram: [UInt8]
    private var message: [UInt8]?

    init(_ message: [UInt8], of cryptogram: [UInt8]) {
        self.cryptogram = cryptogram
        self.message = message
    }

    deinit { message?.wipe() }

    /// Takes the message of this cryptogram, unless it was already taken.
    func take(of cryptogram: [UInt8]) -> [UInt8]? {
        guard cryptogram == self.cryptogram else { return nil }
        defer { message = nil }
        return message
    }
}
