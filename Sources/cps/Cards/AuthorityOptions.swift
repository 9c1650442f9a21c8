// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Messages
import PKIX

/// The option `--authorities`.
struct AuthorityOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            Message(
                """
                Certificates of authorities that you trust: a file (PEM or DER) or a folder. \
                Can be given several times. Without it: \(Authorities.folders.joined(separator: ", ")).
                """,
                fr: """
                    Certificats des autorités de confiance : un fichier (PEM ou DER) ou un dossier. \
                    Peut être donné plusieurs fois. Sans cela : \(Authorities.folders.joined(separator: ", ")).
                    """
            ).text,
            valueName: Message("path", fr: "chemin").text))
    var authorities: [String] = []

    /// - Throws: `Failure` with `.fileFailed` for a path without certificates.
    func read() throws(Failure) -> Authorities {
        if authorities.isEmpty { return .ofThisMachine }
        var certificates: [Certificate] = []
        for path in authorities {
            do throws(CertificateError) {
                certificates += try Authorities(path: path).certificates
            } catch {
                throw AuthorityOptions.failure(error, path.printable)
            }
        }
        return Authorities(certificates)
    }

    private static func failure(_ error: CertificateError, _ path: String) -> Failure {
        if case .unreadable(_, let number) = error {
            return Failure.unreadable(path, number)
        }
        return Failure(
            .fileFailed,
            Message("There is no certificate in \(path).", fr: "Il n'y a pas de certificat dans \(path)."))
    }
}
