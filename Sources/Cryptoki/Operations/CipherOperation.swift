// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import CPSCard
import HostCryptography
import SmartCardBytes

/// One block of PKCS#1 v1.5 as it comes in.
struct CipherBlock {
    private(set) var bytes: [UInt8] = []
    private(set) var isMultipart = false
    let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Returns false when there is more than one block.
    mutating func update(_ part: Span<UInt8>) -> Bool {
        isMultipart = true
        guard part.count <= limit - bytes.count else { return false }
        for index in part.indices { bytes.append(part[index]) }  // checked: its own indices
        return true
    }
}

/// An encryption under way, on the host (PKCS#11 3.1 §5.8).
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

/// A decryption under way, on the card (PKCS#11 3.1 §5.10).
struct DecryptionOperation: MultipartOperation {
    let key: KeyObject
    var block: CipherBlock
    /// The message of a cryptogram that the card has decrypted while the caller's
    /// buffer was too small for it.
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

    /// The most bytes that a message has.
    var maximumLength: Int { max(block.limit - PKCS1Padding.overhead, 0) }

    /// The message; the card is asked once for the same cryptogram.
    mutating func decrypt(_ cryptogram: [UInt8], on token: Token) throws(CryptokiError) -> [UInt8] {
        guard cryptogram.count == block.limit else { throw .encryptedDataLengthRange }
        if let message = kept?.take(of: cryptogram) { return message }
        do throws(CardError) {
            return try token.withCard { (state) throws(CardError) in try state.card.decrypt(cryptogram, with: key) }
        } catch {
            throw CryptokiError(error)
        }
    }

    /// Keeps a message for the next call.
    mutating func keep(_ message: [UInt8], of cryptogram: [UInt8]) {
        kept = KeptMessage(message, of: cryptogram)
    }
}

/// A message that waits for a larger buffer. With the operation it is wiped, however that
/// ends.
private final class KeptMessage {
    private let cryptogram: [UInt8]
    private var message: [UInt8]?

    init(_ message: [UInt8], of cryptogram: [UInt8]) {
        self.cryptogram = cryptogram
        self.message = message
    }

    deinit { message?.wipe() }

    /// The message of this cryptogram, which nobody has taken yet.
    func take(of cryptogram: [UInt8]) -> [UInt8]? {
        guard cryptogram == self.cryptogram else { return nil }
        defer { message = nil }
        return message
    }
}
