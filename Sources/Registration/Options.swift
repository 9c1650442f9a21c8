// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Glibc
import Messages

/// What one word of the command line asks for.
struct Step: Equatable {
    let word: ClientWord
    /// The folder of `nss`, or the program of `sandboxes`.
    var argument = ""
}

/// The command line.
struct Options {
    var isUndo = false
    var isDryRun = false
    /// Set up by a package: what others have written is left alone, and removal leaves nothing.
    var isUnasked = false
    var forAllUsers = false
    var form = StepReport.Form.text
    /// What stands before every path, for tests and images of systems.
    var root = ""
    /// Where the library is that `library` copies; nil in a package.
    var builtLibrary: String?
    var steps: [Step] = []

    /// For a process that works with another account's rights: whose, its home, and whether only
    /// the profiles of programs are its business.
    var account: (user: uid_t, group: gid_t)?
    var home: String?
    var onlyProfiles = false

    init() {}

    /// - Throws: `Obstacle` for words that are not understood, before anything is done.
    init(_ words: [String]) throws(Obstacle) {
        var rest = words[...]
        while let word = rest.popFirst() {
            switch word {
            case "--undo": isUndo = true
            case "--dry-run": isDryRun = true
            case "--unasked": isUnasked = true
            case "--all-users": forAllUsers = true
            case "--json": form = .json
            case "--lines": form = .lines
            case "--profiles": onlyProfiles = true
            case "--root": root = try Options.value(&rest, of: word)
            case "--home": home = try Options.value(&rest, of: word)
            case "--as": account = try Options.account(try Options.value(&rest, of: word))
            default: steps.append(try Options.step(word, &rest))
            }
        }
        while root.hasSuffix("/") { root.removeLast() }
    }

    private static func step(_ word: String, _ rest: inout ArraySlice<String>) throws(Obstacle) -> Step {
        guard let word = ClientWord(rawValue: word) else {
            throw Obstacle(Message("Unknown: \(word)", fr: "Inconnu : \(word)"))
        }
        if word == .sandboxes, let program = rest.first.flatMap(ClientWord.init), program.program != nil {
            rest.removeFirst()
            return Step(word: word, argument: program.rawValue)
        }
        guard word == .nss else { return Step(word: word) }
        guard let folder = rest.popFirst(), !folder.isEmpty else {
            throw Obstacle(
                Message("nss needs the folder of an NSS database.", fr: "nss demande le dossier d'une base NSS."))
        }
        return Step(word: word, argument: folder)
    }

    private static func value(_ rest: inout ArraySlice<String>, of option: String) throws(Obstacle) -> String {
        guard let value = rest.popFirst() else {
            throw Obstacle(Message("\(option) needs a value.", fr: "\(option) demande une valeur."))
        }
        return value
    }

    private static func account(_ text: String) throws(Obstacle) -> (user: uid_t, group: gid_t) {
        let numbers = text.parts(":").compactMap(uid_t.init)
        guard let user = numbers.first, let group = numbers.last, numbers.count == 2 else {
            throw Obstacle(Message("Unknown: \(text)", fr: "Inconnu : \(text)"))
        }
        return (user, group)
    }

    /// The same for one step with another account's rights.
    func `for`(_ account: Account, _ step: Step, onlyProfiles: Bool, form: StepReport.Form) -> Options {
        var options = self
        options.forAllUsers = false
        options.form = form
        options.steps = [step]
        options.account = (account.user, account.group)
        options.home = account.home
        options.onlyProfiles = onlyProfiles
        return options
    }

    /// The command line that means the same.
    var words: [String] {
        var words: [String] = []
        if let account { words += ["--as", "\(account.user):\(account.group)"] }
        if let home { words += ["--home", home] }
        if isUndo { words.append("--undo") }
        if isDryRun { words.append("--dry-run") }
        if isUnasked { words.append("--unasked") }
        if form == .lines { words.append("--lines") }
        if onlyProfiles { words.append("--profiles") }
        return words + steps.flatMap { $0.argument.isEmpty ? [$0.word.rawValue] : [$0.word.rawValue, $0.argument] }
    }
}
