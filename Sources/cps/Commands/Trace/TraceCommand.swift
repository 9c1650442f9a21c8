// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import Messages
import TraceReading

/// `cps trace`: runs a command and prints its PKCS#11 calls and the commands to the card.
struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: Message(
            "Run a command, and show its PKCS#11 calls and what goes to the card.",
            fr: "Lance une commande, et montre ses appels PKCS#11 et ce qui va à la carte."
        ).text,
        discussion: Message(
            "PINs, signed data and the holder's data are hidden. The exit status is the command's.",
            fr: "Les codes, les données signées et celles du porteur n'apparaissent pas. "
                + "Le code de retour est celui de la commande."
        ).text)

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            Message(
                "Write to this file, not to standard error.",
                fr: "Écrit dans ce fichier, et non sur la sortie d'erreur."
            ).text,
            valueName: Message("file", fr: "fichier").text))
    var output: String?

    @Flag(help: ArgumentHelp(Message("Show the bytes too.", fr: "Montre aussi les octets.").text))
    var bytes = false

    @Argument(
        parsing: .captureForPassthrough,
        help: ArgumentHelp(
            Message("The command to run, and its arguments.", fr: "La commande à lancer, et ses arguments.").text,
            valueName: Message("command", fr: "commande").text))
    var command: [String] = []

    func run() throws {
        // ArgumentParser passes these through, too; they are for `cps`.
        if let first = command.first, ["--help", "-h"].contains(first) { throw CleanExit.helpRequest(self) }
        let words = command.first == "--" ? Array(command.dropFirst()) : command
        guard !words.isEmpty else {
            throw Failure(
                .usage, Message("No command to run was given.", fr: "Aucune commande à lancer."),
                remedy: Message(
                    "For instance: cps trace -- pkcs11-tool -O", fr: "Par exemple : cps trace -- pkcs11-tool -O"))
        }
        let destination = try TraceDestination(path: output)
        let file = try TraceFolder()
        let process = try TracedProcess(words, trace: file.path)
        var text = TraceText(process: Int(process.identifier), showsBytes: bytes)
        var status: Int32?
        repeat {
            // Check for the end first, then read: so no line written before the end is lost.
            status = process.wait(milliseconds: 100)
            let lines = file.newLines()
            for line in lines { destination.write(text.add(line)) }
            if lines.isEmpty { destination.write(text.rest(atEnd: false)) }
        } while status == nil
        for line in file.newLines() { destination.write(text.add(line)) }
        destination.write(text.rest(atEnd: true))
        destination.write([summary(text.totals).text])
        file.remove()
        Glibc.exit(status ?? 0)
    }

    private func summary(_ totals: TraceText.Totals) -> Message {
        guard totals.calls == 0 else { return totals.message }
        return Message(
            "No call was seen: the command does not load the library, or is a set-user-ID program.",
            fr: "Aucun appel vu : la commande ne charge pas la bibliothèque, ou a des droits que vous n'avez pas.")
    }
}

/// The destination of the text: standard error, so that the command's own output is
/// unchanged, or a file that only the user can read.
struct TraceDestination {
    private let descriptor: Int32

    /// - Throws: `Failure` with `.fileFailed`.
    init(path: String?) throws(Failure) {
        descriptor = if let path { try PrivateFile.create(path) } else { STDERR_FILENO }
    }

    /// Errors are ignored; the command continues.
    func write(_ lines: [String]) {
        if lines.isEmpty { return }
        _ = Output.put(Array((lines.joined(separator: "\n") + "\n").utf8), to: descriptor)
    }
}
