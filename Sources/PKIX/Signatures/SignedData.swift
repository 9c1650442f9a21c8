// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import SmartCardBytes

/// A CMS signature (RFC 5652 §5), verified against the document piece by piece:
///
///     var signature = try SignedData(encoding: bytes)
///     signature.update(piece)
///     let signers = signature.signers()
public struct SignedData: ~Copyable {
    private let message: OpenSSLObject
    /// A BIO chain: the hashes of the signers, then a sink.
    private let hashes: OpenSSLObject

    /// The certificates in the signature; not trusted.
    public let certificates: [Certificate]

    /// The document, if the signature holds it (an attached signature); nil for a detached one.
    public let content: [UInt8]?

    /// How many signatures lie above this one: 0 for one of a document, 1 for a counter-signature
    /// of that, and so on.
    private let depth: Int

    /// More of them would only make the computer work.
    static let mostSigners = 32

    /// Parses a signature in DER, BER or PEM.
    /// - Throws: `SignatureError`.
    public init(encoding: [UInt8]) throws(SignatureError) { try self.init(encoding: encoding, depth: 0) }

    init(encoding: [UInt8], depth: Int) throws(SignatureError) {
        defer { ERR_clear_error() }
        guard
            let message = unsafe decoded(
                SignedData.binary(encoding), free: { unsafe CMS_ContentInfo_free($0) },
                { unsafe d2i_CMS_ContentInfo(nil, $0, $1) })
        else { throw .malformed }
        switch unsafe OBJ_obj2nid(CMS_get0_type(message.pointer)) {
        case NID_pkcs7_signed: break
        case NID_pkcs7_enveloped, NID_pkcs7_encrypted, NID_id_smime_ct_authEnvelopedData: throw .encrypted
        default: throw .malformed
        }
        let content = SignedData.takeContent(of: message)
        let signers = unsafe cps_signers_count(CMS_get0_SignerInfos(message.pointer))
        guard signers > 0 else { throw .noSigner }
        guard let hashCount = SignedData.hashCount(message) else { throw .malformed }
        guard signers <= SignedData.mostSigners, hashCount <= SignedData.mostSigners else { throw .tooMuch }
        guard let sink = unsafe BIO_new(BIO_s_null()) else { throw .unknownAlgorithm }
        guard let hashes = unsafe OpenSSLObject(CMS_dataInit(message.pointer, sink), free: { unsafe BIO_free_all($0) })
        else {
            unsafe BIO_free(sink)
            throw .unknownAlgorithm
        }
        certificates = SignedData.certificates(message)
        _ = unsafe CMS_set1_signers_certs(message.pointer, nil, 0)
        self.message = message
        self.content = content
        self.depth = depth
        self.hashes = hashes
    }

    /// Hashes the next piece of the document.
    public func update(_ piece: Span<UInt8>) {
        unsafe piece.withUnsafeBytes { buffer in
            var rest = unsafe buffer[...]
            while unsafe !rest.isEmpty {
                let part = unsafe UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
                let written = unsafe BIO_write(hashes.pointer, part.baseAddress, Int32(clamping: part.count))
                // Hashing cannot fail; if it did, verification would fail, too.
                guard written > 0 else { return }
                unsafe rest = rest.dropFirst(Int(written))
            }
        }
    }

    /// The signers of the document passed to `update`, each verified.
    public func signers() -> [Signer] {
        defer { ERR_clear_error() }
        return information.map { unsafe $0.signer(of: hashes.pointer, contentType, certificates) }
    }

    /// Whether every signer signed a document with this hash, and there is one.
    func isSigned(digest: [UInt8]) -> Bool {
        defer { ERR_clear_error() }
        let signers = information
        return !signers.isEmpty
            && signers.allSatisfy { unsafe $0.hasRightAttributes(contentType) && $0.messageDigest == digest }
    }

    private var information: [SignerInformation] {
        let list = unsafe CMS_get0_SignerInfos(message.pointer)
        let count = unsafe cps_signers_count(list)
        return (0..<max(0, count)).compactMap { index in
            guard let pointer = unsafe cps_signers_at(list, index) else { return nil }
            return unsafe SignerInformation(pointer: pointer, depth: depth)
        }
    }

    /// Takes the document out of the message, which is a detached signature from then on. It may be
    /// long, and nothing below needs it there.
    private static func takeContent(of message: borrowing OpenSSLObject) -> [UInt8]? {
        guard let place = unsafe CMS_get0_content(message.pointer), let string = unsafe place.pointee else {
            return nil
        }
        defer { unsafe ASN1_OCTET_STRING_free(string) }
        unsafe place.pointee = nil
        return unsafe PKIX.content(of: string)
    }

    /// The signature in a text (PEM); bytes that are no text as they are.
    private static func binary(_ encoding: [UInt8]) -> [UInt8] {
        // A SEQUENCE of 128 bytes or more, or of unknown length.
        if encoding.count > 1, encoding[0] == 0x30, encoding[1] >= 0x80 { return encoding }
        return PEM.decode(encoding).first { labels.contains($0.label) }?.bytes ?? encoding
    }

    /// What the text form of a signature begins with: of OpenSSL, of older programs, of gpgsm.
    private static let labels = ["CMS", "PKCS7", "PKCS #7 SIGNED DATA", "SIGNED MESSAGE"]

    /// Whether the content is said to be that of a time stamp (RFC 3161 §2.4.2).
    var isTimeStamp: Bool { unsafe OBJ_obj2nid(contentType) == NID_id_smime_ct_TSTInfo }

    private var contentType: OpaquePointer? { unsafe CMS_get0_eContentType(message.pointer) }

    private static func certificates(_ message: borrowing OpenSSLObject) -> [Certificate] {
        guard
            let list = unsafe OpenSSLObject(
                CMS_get1_certs(message.pointer), free: { unsafe cps_certificates_free($0) })
        else { return [] }
        return unsafe CertificateList.certificates(in: list.pointer)
    }

    /// The number of hashes to compute over the document.
    private static func hashCount(_ message: borrowing OpenSSLObject) -> Int? {
        guard let bytes = unsafe encoded({ unsafe i2d_CMS_ContentInfo(message.pointer, $0) }) else { return nil }
        var reader = BERTLVReader(bytes)
        guard var content = (try? reader.next(tag: DER.sequence))?.children,
            (try? content.next(tag: DER.objectIdentifier)) != nil,
            var inner = (try? content.next(tag: 0xA0))?.children,
            var fields = (try? inner.next(tag: DER.sequence))?.children,
            (try? fields.next(tag: DER.integer)) != nil,
            var hashes = (try? fields.next(tag: 0x31))?.children
        else { return nil }
        var count = 0
        while (try? hashes.next()) != nil, count <= mostSigners { count += 1 }
        return count
    }
}
