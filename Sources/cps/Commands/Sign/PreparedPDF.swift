// SPDX-License-Identifier: Apache-2.0

import Glibc
import HostCryptography
import Messages
import PKIX
import SmartCardBytes

/// A PDF with a place for one more signature (ISO 32000-2 §12.8.1).
///
/// pyHanko, in a process of its own (scripts/lib/prepare-pdf.py), appends a signature field to the
/// document. It gets neither the PIN nor the card. Its answer is checked: the document comes before
/// what it appended, and the signature covers all bytes but its own place.
struct PreparedPDF {
    /// The document, and after it what pyHanko appended.
    private let bytes: [UInt8]
    /// Where the signature goes: `<`, zeros, `>`.
    private let place: Range<Int>

    /// The longest document, in bytes: all of it is in memory, here and in pyHanko.
    static let longest = 256 << 20

    /// - Parameters:
    ///   - time: when the person says that they sign; shown by programs that read the document.
    ///   - size: the longest signature, in bytes.
    /// - Throws: `Failure` with `.fileFailed`: pyHanko is missing, or cannot prepare this document.
    init(_ document: borrowing InputFile, at time: UniversalTime, forSignatureOf size: Int) throws(Failure) {
        let content = try document.content(upTo: PreparedPDF.longest)
        let places = ["../share/cps/prepare-pdf.py", "../../../scripts/lib/prepare-pdf.py"]
        guard let script = InstalledFile.path(places, mode: R_OK) else {
            throw Failure(
                .fileFailed,
                Message("prepare-pdf.py was not found.", fr: "prepare-pdf.py est introuvable."),
                remedy: Message("Reinstall the package cps.", fr: "Réinstallez le paquet cps."))
        }
        // -B: no compiled copy beside the script.
        let words = [PreparedPDF.interpreter, "-B", script, time.iso8601, String(size)]
        guard let answer = Filter.run(words, input: content) else { throw PreparedPDF.missing }
        let end = answer.firstIndex(of: UInt8(ascii: "\n")) ?? answer.endIndex
        let line = String(decoding: answer[..<end], as: UTF8.self).split(separator: " ", maxSplits: 1).map(String.init)
        guard line.first == "ready" else {
            throw PreparedPDF.refusal(line.first, line.last ?? "", of: document.path.printable)
        }
        let offsets = (line.last ?? "").split(separator: " ").compactMap { Int($0) }
        guard offsets.count == 2, offsets[0] >= content.count, offsets[0] < offsets[1] else {
            throw PreparedPDF.unusable
        }
        bytes = content + answer.dropFirst(end + 1)
        place = offsets[0]..<offsets[1]
        guard isAsPromised(after: content.count) else { throw PreparedPDF.unusable }
    }

    /// The SHA-256 of all bytes but the place.
    var digest: [UInt8] {
        var hash = HashContext(.sha256)
        hash.update(bytes.span.extracting(0..<place.lowerBound))
        hash.update(bytes.span.extracting(place.upperBound...))
        return hash.finalize()
    }

    /// The document with the signature in its place.
    /// - Parameter signature: a CMS signature of `digest`, DER.
    /// - Throws: `Failure` with `.fileFailed` if it is longer than the place.
    func signed(with signature: [UInt8]) throws(Failure) -> [UInt8] {
        let digits = Array(Hexadecimal.encode(signature).utf8)
        guard digits.count <= place.count - 2 else {
            throw Failure(
                .fileFailed,
                Message(
                    "The signature is longer than expected (\(signature.count) bytes); nothing was written.",
                    fr: "La signature est plus longue que prévu (\(signature.count) octets) ; rien n'a été écrit."))
        }
        var document = bytes
        document.replaceSubrange(place.lowerBound + 1..<place.lowerBound + 1 + digits.count, with: digits)
        return document
    }

    /// Whether the place is empty, and the signature's ByteRange covers everything around it.
    private func isAsPromised(after start: Int) -> Bool {
        guard place.upperBound <= bytes.count, bytes[place.lowerBound] == UInt8(ascii: "<"),
            bytes[place.upperBound - 1] == UInt8(ascii: ">"),
            bytes[place].dropFirst().dropLast().allSatisfy({ $0 == UInt8(ascii: "0") })
        else { return false }
        let rest = bytes.count - place.upperBound
        let range = Array("/ByteRange [0 \(place.lowerBound) \(place.upperBound) \(rest)]".utf8)
        return bytes[start..<place.lowerBound].contains(range) || bytes[place.upperBound...].contains(range)
    }

    /// The Python that has pyHanko: the one in the person's own folder, as `missing` proposes, or that
    /// in PATH. For another user's folder, as with `sudo`, nothing is run from there.
    private static var interpreter: String {
        guard let home = unsafe getenv("HOME") else { return "python3" }
        let folder = unsafe String(cString: home) + "/.local/share/cps-pkcs11/pyhanko"
        var information = stat()
        guard unsafe stat(folder, &information) == 0, information.st_uid == geteuid() else { return "python3" }
        let program = folder + "/bin/python3"
        return unsafe access(program, X_OK) == 0 ? program : "python3"
    }

    private static func refusal(_ reason: String?, _ words: String, of path: String) -> Failure {
        switch reason {
        case "missing": missing
        case "encrypted":
            Failure(
                .fileFailed,
                Message(
                    "\(path) is protected by a password: it cannot be signed.",
                    fr: "\(path) est protégé par un mot de passe : il ne peut pas être signé."))
        case "locked":
            Failure(
                .fileFailed,
                Message(
                    "\(path): its author allows no changes, so it takes no signature.",
                    fr: "\(path) : son auteur n'admet aucun changement, donc aucune signature."))
        case "unreadable":
            Failure(
                .fileFailed,
                Message(
                    "pyHanko cannot read \(path) as a PDF (\(words.printable)).",
                    fr: "pyHanko ne peut pas lire \(path) comme un PDF (\(words.printable))."),
                remedy: Message(
                    "If other programs show it, print it to a new PDF and sign that one.",
                    fr: "Si d'autres logiciels l'affichent, imprimez-le dans un nouveau PDF et signez celui-ci."))
        default: unusable
        }
    }

    private static let unusable = Failure(
        .fileFailed,
        Message("pyHanko did not prepare the PDF as expected.", fr: "pyHanko n'a pas préparé le PDF comme attendu."),
        remedy: Message("Update pyHanko: \(installation)", fr: "Mettez pyHanko à jour : \(installation)"))

    private static let missing = Failure(
        .fileFailed,
        Message(
            "To sign inside a PDF, cps needs pyHanko, which is not installed.",
            fr: "Pour signer dans un PDF, cps a besoin de pyHanko, qui n'est pas installé."),
        remedy: Message(
            "Install it (package python3-venv): \(installation)",
            fr: "Installez-le (paquet python3-venv) : \(installation)"))

    private static let installation = """
        python3 -m venv ~/.local/share/cps-pkcs11/pyhanko && \
        ~/.local/share/cps-pkcs11/pyhanko/bin/pip install --upgrade pyhanko
        """
}
