// SPDX-License-Identifier: Apache-2.0

// A process with logins in a register, for tests: it does what its standard input says,
// line by line, and answers each line with one.
//
//     login-register-tool FOLDER
//
//     add CARD READER COUNT user|unblocking RULE     NUMBER of the entry, or "none"
//     intact NUMBER                                  true or false
//     remove NUMBER                                  done
//     look CARD|- READER COUNT                       LIVE ORPHANS URGENT
//     clear CARD|- READER COUNT                      done
//     fork                                           the number of a child that only sleeps
//     fork-closing                                   the number of a child that closes its copies, then sleeps
//     closefrom NUMBER                               done; all descriptors from this one on are closed
//     open COUNT                                     done; so many descriptors of /dev/null are open
//     limit COUNT                                    done; the process may open so many files
//     time CARD|- READER COUNT LOOKS                 the processor's milliseconds for so many looks
//     leave                                          (ends by _exit)

import CPSCard
import CProcess
import Glibc
import LoginRegister

let register: any LoginRegistering = FileLoginRegister(in: CommandLine.arguments[1])
var entries: [any LoginEntry] = []

func place(_ words: ArraySlice<Substring>) -> CardPlace {
    let words = Array(words)
    return CardPlace(
        card: words[0] == "-" ? nil : String(words[0]), reader: String(words[1]), eventCount: UInt32(words[2])!)
}

/// A child that sleeps until it is killed, or its parent has ended for long.
func forkSleeper(_ before: () -> Void) -> Int32 {
    let child = cps_fork()
    if child == 0 {
        before()
        sleep(60)
        _exit(0)
    }
    return child
}

@MainActor func answer(_ words: [Substring]) -> String {
    switch words[0] {
    case "add":
        let login = RegisteredLogin(
            place: place(words[1...3]), isUnblocking: words[4] == "unblocking",
            rule: LogoutRule(rawValue: String(words[5]))!)
        guard let entry = register.add(login) else { return "none" }
        entries.append(entry)
        return String(entries.count - 1)
    case "intact": return String(entries[Int(words[1])!].isIntact)
    case "remove": entries[Int(words[1])!].remove()
    case "look":
        let logins = register.logins(on: place(words[1...3]))
        return "\(logins.live) \(logins.orphans) \(logins.hasUrgentOrphan)"
    case "clear": register.removeAll(on: place(words[1...3]))
    case "fork": return String(forkSleeper {})
    case "fork-closing": return String(forkSleeper { FileLoginRegister.closeInherited(by: 1) })
    case "closefrom": for number in Int32(words[1])!..<256 { close(number) }
    case "open": for _ in 0..<Int(words[1])! { _ = open("/dev/null", O_RDONLY) }
    case "limit":
        var limit = rlimit(rlim_cur: rlim_t(words[1])!, rlim_max: rlim_t(words[1])!)
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    case "time":
        let place = place(words[1...3])
        let start = clock()
        for _ in 0..<Int(words[4])! { _ = register.logins(on: place) }
        return String((clock() - start) / 1000)
    case "leave": _exit(0)
    default: return "what?"
    }
    return "done"
}

while let line = readLine() {
    let text = answer(line.split(separator: " ")) + "\n"
    write(STDOUT_FILENO, text, text.utf8.count)
}
