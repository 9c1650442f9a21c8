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
                Certificates of authorities that you trust: a file (PEM, DER, .p7b) or a folder. Can be given \
                several times. Without it: what was imported (cps authorities), \
                \(Authorities.folders.joined(separator: ", ")).
                """,
                fr: """
                    Certificats des autorités de confiance : un fichier (PEM, DER, .p7b) ou un dossier. Peut être donné \
                    plusieurs fois. Sans cela : celles qui ont été importées (cps authorities), \
                    \(Authorities.folders.joined(separator: ", ")).
                    """
            ).text,
            valueName: Message("path", fr: "chemin").text))
    var authorities: [String] = []

    /// - Throws: `Failure` with `.fileFailed` for a path without certificates.
    func read() throws(Failure) -> Authorities {
        authorities.isEmpty ? .ofThisMachine : Authorities(try AuthorityOptions.certificates(in: authorities))
    }

    /// The authorities for time stamp certificates.
    /// - Throws: `Failure` with `.fileFailed` for a path without certificates.
    static func timeStamps(_ paths: [String]) throws(Failure) -> Authorities {
        paths.isEmpty ? .ofTimeStamps : Authorities(try certificates(in: paths))
    }

    /// Reads all certificates in the given files and folders.
    /// - Throws: `Failure` with `.fileFailed` for a path without certificates.
    static func certificates(in paths: [String]) throws(Failure) -> [Certificate] {
        var certificates: [Certificate] = []
        for path in paths {
            do throws(CertificateError) {
                certificates += try Authorities(path: path).certificates
            } catch {
                throw AuthorityOptions.failure(error, path.printable)
            }
        }
        return certificates
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

/// What to do if no known authority issued a certificate.
enum UnknownAuthority {
    /// The remedy, by the issuer that the certificate claims.
    static func remedy(for certificate: Certificate, _ known: Authorities) -> Message {
        switch certificate.claimedBranch {
        case .test:
            Message(
                """
                This is a test card's certificate, which stands for no real person. --authorities FILE names the test \
                authorities, if that is what you want.
                """,
                fr: """
                    C'est le certificat d'une carte de test, qui ne représente aucune personne réelle. --authorities \
                    FICHIER indique les autorités de test, si c'est ce que vous voulez.
                    """)
        case .production where known.areTestsOnly:
            Message(
                "Only test authorities are known here, and this is a real card's certificate. \(official.english)",
                fr:
                    "Seules des autorités de test sont connues ici, et c'est le certificat d'une carte réelle. \(official.french)"
            )
        case .production: official
        case nil:
            Message(
                "--authorities names the authorities that you trust.",
                fr: "--authorities indique les autorités de confiance.")
        }
    }

    private static let official = Message(
        "`cps authorities import FILE` imports the official authorities: \(OfficialAddress.production)",
        fr: "« cps authorities import FICHIER » importe les autorités officielles : \(OfficialAddress.production)")
}

extension Authorities {
    /// Whether there are authorities, and all are for test cards.
    fileprivate var areTestsOnly: Bool {
        !certificates.isEmpty && certificates.allSatisfy { $0.claimedBranch == .test }
    }
}
