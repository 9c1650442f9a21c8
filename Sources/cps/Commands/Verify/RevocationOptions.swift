// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Messages
import PKIX

/// The options by which is looked whether certificates were revoked.
struct RevocationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            Message(
                "Lists of revoked certificates: a file (PEM or DER) or a folder. Can be given several times.",
                fr:
                    "Listes de certificats révoqués : un fichier (PEM ou DER) ou un dossier. Peut être donné plusieurs fois."
            ).text,
            valueName: Message("path", fr: "chemin").text))
    var crl: [String] = []

    @Flag(
        help: ArgumentHelp(
            Message(
                "Ask the authorities, at the addresses in the certificates (OCSP, lists).",
                fr: "Interroge les autorités, aux adresses indiquées par les certificats (OCSP, listes)."
            ).text))
    var online = false

    @Flag(
        help: ArgumentHelp(
            Message(
                "Call a signature valid only if it is known that no certificate was revoked.",
                fr: "N'accepte comme valable qu'une signature dont on sait qu'aucun certificat n'est révoqué."
            ).text))
    var requireRevocation = false

    /// What is known of a chain: by the lists that were named, by those that were seen before,
    /// and by the authorities themselves if they may be asked.
    /// - Throws: `Failure` with `.fileFailed` for a path without lists.
    func read() throws(Failure) -> ([Certificate]) -> Revocation {
        var named: [RevocationList] = []
        for path in crl { named += try RevocationOptions.lists(in: path) }
        let cache = RevocationCache.ofThisUser
        let known = RevocationLists(named + (cache?.read().lists ?? []))
        let mayAsk = online
        return { chain in
            guard mayAsk else {
                cache?.keep(known.lists(about: chain))
                return known.revocation(of: chain)
            }
            let (revocation, fetched) = OnlineRevocation.revocation(of: chain, with: known)
            cache?.keep(known.lists(about: chain) + fetched)
            return revocation
        }
    }

    private static func lists(in path: String) throws(Failure) -> [RevocationList] {
        do throws(CertificateError) {
            return try RevocationLists(path: path).lists
        } catch {
            if case .unreadable(_, let number) = error { throw Failure.unreadable(path.printable, number) }
            throw Failure(
                .fileFailed,
                Message(
                    "There is no list of revoked certificates in \(path.printable).",
                    fr: "Il n'y a pas de liste de certificats révoqués dans \(path.printable)."))
        }
    }
}
