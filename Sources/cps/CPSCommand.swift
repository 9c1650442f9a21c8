// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import HostSystem
import Messages

/// The command `cps`, for health professionals and their administrators.
@main
struct CPSCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cps",
        abstract: Message(
            "Health professional cards: who holds this card, until when, PIN, signatures, diagnosis.",
            fr: "Cartes de professionnel de santé : titulaire, validité, code porteur, signatures, diagnostic."
        ).text,
        version: ProjectVersion.text,
        subcommands: [
            StatusCommand.self, InfoCommand.self, PINCommand.self, SignCommand.self, VerifyCommand.self,
            AuthoritiesCommand.self, CertCommand.self, DataCommand.self, CardCommandGroup.self, DoctorCommand.self,
            TraceCommand.self, RegisterCommand.self, UnregisterCommand.self,
        ])

    static func main() {
        // A closed pipe is a write error, not the end of the process: a card with a presented
        // PIN must be reset first.
        _ = signal(SIGPIPE, SIG_IGN)
        fillClosedDescriptors()
        do {
            try checkCommandNames()
            var command = try parseAsRoot()
            try command.run()
        } catch let failure as Failure {
            failure.report()
            Signals.release()
            Glibc.exit(failure.status.rawValue)
        } catch let code as ExitCode {
            // Everything has been printed.
            Glibc.exit(code.rawValue)
        } catch {
            Glibc.exit(HelpText.show(for: error).rawValue)
        }
    }

    /// Refuses unknown command names. ArgumentParser would report them as unexpected arguments,
    /// and the rest as unknown options.
    /// - Throws: `Failure` with `.usage`.
    private static func checkCommandNames() throws(Failure) {
        var command: any ParsableCommand.Type = CPSCommand.self
        for word in CommandLine.arguments.dropFirst() {
            let commands = command.configuration.subcommands
            if commands.isEmpty || word == "help" || word.hasPrefix("-") { return }
            guard let next = commands.first(where: { $0.configuration.commandName == word }) else {
                let names = commands.compactMap { $0.configuration.commandName }.joined(separator: ", ")
                throw Failure(
                    .usage,
                    Message(
                        "There is no command `\(word.printable)`.",
                        fr: "La commande « \(word.printable) » n'existe pas."),
                    remedy: Message(
                        "Commands: \(names). `cps help` explains them.",
                        fr: "Il y a : \(names). « cps help » dit à quoi elles servent."))
            }
            command = next
        }
    }

    /// Opens closed standard descriptors. Otherwise the next file or socket gets the number, and
    /// our output goes there. /dev/null is opened for reading: reads return nothing, writes
    /// fail as they should.
    private static func fillClosedDescriptors() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) < 0 {
            _ = unsafe open("/dev/null", O_RDONLY)
        }
    }
}
