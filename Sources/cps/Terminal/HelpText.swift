import ArgumentParser
import Messages

/// ArgumentParser's own words, which it has in English only.
enum HelpText {
    /// Shows help on stdout, and what is wrong with a command line on stderr.
    static func show(for error: any Error) {
        let text = inOurLanguage(CPSCommand.fullMessage(for: error))
        // An exit status without words: the command has said all.
        if text.isEmpty { return }
        if CPSCommand.exitCode(for: error).isSuccess {
            try? Output.say(text)
        } else {
            Output.sayOnErrors(text)
        }
    }

    private static func inOurLanguage(_ text: String) -> String {
        guard Language.current == .french else { return text }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for index in lines.indices {
            for (english, french) in headings where lines[index].hasPrefix(english) {
                lines[index] = french + lines[index].dropFirst(english.count)
                break
            }
        }
        return lines.joined(separator: "\n")
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
}
