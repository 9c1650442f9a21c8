// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Glibc
import Messages

/// What to set up when nothing was named: the programs of this computer that the card is for, as
/// far as this user may. ssh, Java and OpenSSL wait to be named: they change how a person logs in,
/// or are given a file.
extension RegistrationRun {
    func found() -> [Step] {
        var words: [ClientWord] = []
        let actsAsRoot = geteuid() == 0 || !machine.root.isEmpty
        if actsAsRoot {
            // A package has brought these two.
            if options.builtLibrary != nil { words += [.library, .p11Kit] }
            words += [ClientProgram.firefox, .thunderbird].filter(isSetUp).map(\.word)
            if isUndo { words.append(.officialPath) }
        }
        // A user's own part of the two.
        if !actsAsRoot {
            words += [ClientProgram.firefox, .thunderbird].filter { !$0.sandboxes(on: machine).isEmpty }.map(\.word)
        }
        let chromium = ClientProgram.chromium
        if options.forAllUsers || !actsAsRoot,
            isSetUp(chromium) || !options.forAllUsers && machine.exists(chromiumDatabase)
        {
            words.append(chromium.word)
        }
        // The library goes last.
        if isUndo { words.reverse() }
        if words.isEmpty {
            report.say(
                Message(
                    "Nothing was found to set up for this user. As root: Firefox, Thunderbird.",
                    fr: "Rien à régler pour cet utilisateur. En tant que root : Firefox, Thunderbird."))
        } else {
            let list = words.map(\.rawValue).joined(separator: " ")
            report.say(Message("Found: \(list)", fr: "Trouvé : \(list)"))
        }
        return words.map { Step(word: $0) }
    }

    /// Whether there is something to set up: a program that can see the library; or, to undo,
    /// policies.
    private func isSetUp(_ program: ClientProgram) -> Bool {
        program.place(on: machine) != nil || !program.sandboxes(on: machine).isEmpty
            || isUndo && (program.policies.map { machine.exists($0.file) } ?? false)
    }
}
