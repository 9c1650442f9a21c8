// SPDX-License-Identifier: Apache-2.0

import Glibc
import Messages
import PKIX

/// A signature and its document, which is another file (detached) or inside the signature
/// (attached).
struct SignedDocument: ~Copyable {
    /// The file that the person named.
    let file: String
    /// The file with the signature; the same one if the document is inside.
    let signature: String
    /// Whether the document is inside the signature.
    private let isAttached: Bool
    /// The signature, with the whole document hashed.
    let data: SignedData
    /// Identifies `file`, so that it is never overwritten.
    let identity: FileIdentity

    /// The longest detached signature in bytes; far more than one needs.
    private static let longestSignature = 16 << 20
    /// The longest attached signature in bytes; it is held in memory with its document.
    private static let longestAttached = 64 << 20

    /// Reads and hashes both.
    /// - Parameter signature: the file with the signature; nil for FILE.p7s if that exists, else
    ///   FILE itself.
    /// - Throws: `Failure` with `.fileFailed`.
    init(_ file: String, signature: String?) throws(Failure) {
        let document = try InputFile(file)
        let beside = signature ?? SignedDocument.signature(beside: file)
        let data: SignedData
        if let beside {
            data = try SignedDocument.detached(document, beside)
        } else {
            data = try SignedDocument.attached(document)
        }
        self.file = file
        self.signature = beside ?? file
        isAttached = beside == nil
        identity = document.identity
        self.data = data
    }

    /// The document inside the signature; nil for a detached one.
    var content: [UInt8]? { isAttached ? data.content : nil }

    private static func detached(_ document: borrowing InputFile, _ path: String) throws(Failure) -> SignedData {
        let data = try parse(InputFile(path).content(upTo: longestSignature), of: path)
        try document.read { (piece) throws(Failure) in data.update(piece) }
        return data
    }

    private static func attached(_ file: borrowing InputFile) throws(Failure) -> SignedData {
        let kind = FileKind(try file.beginning(4096))
        guard kind == .signature else { throw noSignature(of: file.path, kind) }
        let data = try parse(file.content(upTo: longestAttached), of: file.path)
        guard let content = data.content else {
            let path = file.path.printable
            throw Failure(
                .fileFailed,
                Message(
                    "\(path) is a signature without its document.", fr: "\(path) est une signature sans son document."),
                remedy: Message(
                    "Name both: cps verify DOCUMENT \(path)", fr: "Indiquez les deux : cps verify DOCUMENT \(path)"))
        }
        data.update(content.span)
        return data
    }

    private static func signature(beside file: String) -> String? {
        var information = stat()
        let path = file + ".p7s"
        return unsafe stat(path, &information) == 0 ? path : nil
    }

    private static func parse(_ bytes: [UInt8], of path: String) throws(Failure) -> SignedData {
        do throws(SignatureError) {
            return try SignedData(encoding: bytes)
        } catch {
            throw Failure(.fileFailed, message(error, path.printable))
        }
    }

    private static func message(_ error: SignatureError, _ path: String) -> Message {
        switch error {
        case .tooMuch:
            Message("\(path) names too many signers.", fr: "\(path) nomme trop de signataires.")
        case .unknownAlgorithm:
            Message("\(path) uses a hash that is not known.", fr: "\(path) emploie un hachage inconnu.")
        case .encrypted:
            Message(
                "\(path) is encrypted: only its recipient can see whether it is signed.",
                fr: "\(path) est chiffré : seul le destinataire peut voir s'il est signé.")
        case .noSigner:
            Message(
                "\(path) contains certificates, but no signature.",
                fr: "\(path) contient des certificats, mais pas de signature.")
        case .malformed, .notConfirmed, .notPossible, .noTimeStamp:
            Message("\(path) is not a CMS signature.", fr: "\(path) n'est pas une signature CMS.")
        }
    }

    private static func noSignature(of file: String, _ kind: FileKind) -> Failure {
        let file = file.printable
        return Failure(
            .fileFailed,
            Message(
                "There is no signature: \(file).p7s does not exist, and \(file) is not one.",
                fr: "Il n'y a pas de signature : \(file).p7s n'existe pas, et \(file) n'en est pas une."),
            remedy: kind.remedy(file))
    }
}

/// What a file seems to be, by its first bytes.
enum FileKind {
    /// CMS, in binary or as text.
    case signature
    case pdf
    case xml
    case mail
    case other

    /// - Parameter beginning: some thousand bytes.
    init(_ beginning: [UInt8]) {
        // A SEQUENCE of 128 bytes or more, or of unknown length.
        if beginning.first == 0x30, beginning.dropFirst().first.map({ $0 >= 0x80 }) == true {
            self = .signature
            return
        }
        let text = String(decoding: beginning, as: UTF8.self)
        self =
            if text.contains("-----BEGIN ") {
                .signature
            } else if text.hasPrefix("%PDF-") {
                .pdf
            } else if text.hasPrefix("<") || text.hasPrefix("\u{FEFF}<") {
                .xml
            } else if text.lowercased().contains("content-type:") {
                .mail
            } else {
                .other
            }
    }

    /// Who verifies what is in such a file.
    fileprivate func remedy(_ file: String) -> Message {
        switch self {
        case .pdf:
            Message(
                "`pdfsig \(file)` (package poppler-utils) verifies signatures that are in a PDF.",
                fr: "« pdfsig \(file) » (paquet poppler-utils) vérifie les signatures contenues dans un PDF.")
        case .xml:
            Message(
                "`xmlsec1 --verify \(file)` (package xmlsec1) verifies a signature that is in XML.",
                fr: "« xmlsec1 --verify \(file) » (paquet xmlsec1) vérifie une signature contenue dans du XML.")
        case .mail:
            Message(
                "`openssl cms -verify -in \(file)` verifies a signed mail.",
                fr: "« openssl cms -verify -in \(file) » vérifie un courriel signé.")
        case .signature, .other:
            Message(
                "If it has another name: cps verify \(file) SIGNATURE",
                fr: "Si elle porte un autre nom : cps verify \(file) SIGNATURE")
        }
    }
}
