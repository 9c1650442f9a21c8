// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import HostSystem
import Messages
import VirtualCPS

/// The command: a virtual CPS card in a reader of pcscd.
struct CPSVirtualCard: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cps-virtual-card",
        abstract: Message("Virtual CPS cards.", fr: "Cartes CPS virtuelles.").text,
        version: ProjectVersion.text,
        subcommands: [Insert.self, OpenSSLConfiguration.self])
}

/// Prints the openssl configuration for scripts/make-test-hierarchy.
struct OpenSSLConfiguration: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openssl-config",
        abstract: Message(
            "Print the openssl configuration for a profile's certificates.",
            fr: "Affiche la configuration openssl des certificats d'un profil."
        ).text)

    @Option(
        help: ArgumentHelp(
            Message("The card's profile (JSON).", fr: "Le profil de la carte (JSON).").text, valueName: "file"))
    var profile: String

    func run() throws {
        // A foreign card has no certificates.
        guard case .cps(let profile) = try readProfile(self.profile) else { return }
        guard let today = WallTime.now.date else {
            throw VirtualCardError(Message("the clock is wrong", fr: "l'horloge est fausse"))
        }
        print(CertificateConfiguration(profile: profile, today: today).text, terminator: "")
    }
}

/// Reads and checks a profile file.
func readProfile(_ path: String) throws -> DescribedCard {
    guard let data = FileManager.default.contents(atPath: path) else {
        throw VirtualCardError(Message("\(path) cannot be read", fr: "\(path) est illisible"))
    }
    do {
        return try DescribedCard(parsing: Array(data))
    } catch {
        throw VirtualCardError(Message("\(path): \(error)", fr: "\(path) : \(error)"))
    }
}
