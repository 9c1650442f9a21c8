// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Messages

/// Translates ArgumentParser's own texts, which exist in English only.
enum HelpText {
    /// Prints help on stdout, and command line errors on stderr.
    /// - Returns: the exit status.
    static func show(for error: any Error) -> ExitStatus {
        var text = inOurLanguage(CPSCommand.fullMessage(for: error))
        while text.last == "\n" { text.removeLast() }
        guard CPSCommand.exitCode(for: error).isSuccess else {
            Output.sayOnErrors(text)
            return .usage
        }
        do throws(Failure) {
            try Output.say(text)
            return .success
        } catch {
            error.report()
            return error.status
        }
    }

    static func inOurLanguage(_ text: String) -> String {
        guard Language.current == .french else { return text }
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { french(String($0)) }
            .joined(separator: "\n")
    }

    /// Translates one line: its heading, then the rest.
    private static func french(_ line: String) -> String {
        for (english, french) in headings where line.hasPrefix(english) {
            return french + self.french(String(line.dropFirst(english.count)))
        }
        for phrase in phrases {
            if let translated = phrase.translated(line) { return translated.replacing("', '", with: " », « ") }
        }
        // ArgumentParser may wrap these anywhere.
        return line.replacing("(values:", with: "(valeurs :").replacing("; default:", with: " ; par défaut :")
            .replacing("default:", with: "par défaut :")
    }

    private static let headings = [
        ("OVERVIEW:", "OBJET :"),
        ("USAGE:", "EMPLOI :"),
        ("Usage:", "Emploi :"),
        ("ARGUMENTS:", "ARGUMENTS :"),
        ("OPTIONS:", "OPTIONS :"),
        ("SUBCOMMANDS:", "COMMANDES :"),
        ("Error:", "Erreur :"),
        ("Help:", "Aide :"),
    ]

    /// `…` is a gap: any text.
    private static let phrases = [
        Phrase("…<subcommand>", fr: "…<commande>"),
        Phrase("…Show the version.", fr: "…Affiche la version."),
        Phrase("…Show help information.", fr: "…Affiche cette aide."),
        Phrase("…Show subcommand help information.", fr: "…Affiche l'aide d'une commande."),
        Phrase("…See '…<subcommand>' for detailed help.", fr: "…L'aide d'une commande : « …<commande> »."),
        Phrase("…See '…' for more information.", fr: "…Pour en savoir plus : « … »."),
        Phrase(" Unknown option '…'. Did you mean '…'?", fr: " L'option « … » n'existe pas. Vouliez-vous dire « … » ?"),
        Phrase(" Unknown option '…'", fr: " L'option « … » n'existe pas."),
        Phrase(" Missing value for '…'", fr: " Il manque une valeur à « … »."),
        Phrase(" Missing expected argument '…'", fr: " Il manque « … »."),
        Phrase(" Missing one of: '…'", fr: " Il manque l'un de : « … »."),
        Phrase(" Unexpected argument '…'", fr: " « … » est de trop."),
        Phrase(" … unexpected arguments: '…'", fr: " … arguments sont de trop : « … »."),
        Phrase(
            " The option '…' does not take any value, but '…' was specified.",
            fr: " L'option « … » ne prend pas de valeur ; « … » est de trop."),
        Phrase(
            " The value '…' is invalid for '…'. Please provide one of '…' and '…'.",
            fr: " « … » ne convient pas à « … ». Choisissez entre « … » et « … »."),
        Phrase(" The value '…' is invalid for '…'…", fr: " « … » ne convient pas à « … »…"),
        Phrase("…Please provide one of the following:…", fr: "…Choisissez parmi :…"),
    ]
}

/// A sentence with gaps in both languages; the gaps have the same order.
private struct Phrase {
    private let english: [Substring]
    private let french: [Substring]

    init(_ english: String, fr french: String) {
        self.english = english.split(separator: "…", omittingEmptySubsequences: false)
        self.french = french.split(separator: "…", omittingEmptySubsequences: false)
    }

    /// The line in French; nil if it does not match.
    func translated(_ line: String) -> String? {
        guard let first = english.first, line.hasPrefix(first) else { return nil }
        var rest = line.dropFirst(first.count)
        var result = String(french.first ?? "")
        for index in 1..<max(english.count, 1) {
            let end = english[index]
            let gap: Substring
            if index == english.count - 1 {
                guard rest.hasSuffix(end) else { return nil }
                gap = rest.dropLast(end.count)
                rest = ""
            } else {
                guard let range = rest.range(of: end) else { return nil }
                gap = rest[..<range.lowerBound]
                rest = rest[range.upperBound...]
            }
            result += gap + (index < french.count ? french[index] : "")
        }
        return rest.isEmpty ? result : nil
    }
}

extension Substring {
    /// The first occurrence of a text.
    fileprivate func range(of text: Substring) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            formIndex(after: &start)
        }
        return nil
    }
}
