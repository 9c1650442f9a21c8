// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Glibc
import Messages

/// A diagnosis for somebody who helps: with what is installed on the computer, and
/// without names, numbers and paths of persons.
struct SupportReport {
    private let diagnosis: Diagnosis
    private let machine: Machine

    init(_ diagnosis: Diagnosis, _ machine: Machine) {
        self.diagnosis = diagnosis
        self.machine = machine
    }

    var text: String {
        var lines = ["cps doctor \(CPSCommand.configuration.version)", system, ""]
        lines += packages + [""]
        for part in diagnosis.parts {
            lines.append(part.title.text)
            for finding in part.findings {
                lines.append("  \(finding.severity.rawValue)  \(finding.name)  \(finding.message.text)")
            }
        }
        lines += ["", diagnosis.summary.text]
        let secrets = PersonalWords(machine)
        return lines.map { secrets.removed(from: $0) + "\n" }.joined()
    }

    /// The distribution, the kernel, and whether the session is a remote one.
    private var system: String {
        let release = machine.text(of: "/etc/os-release") ?? ""
        let name =
            release.lines.first { $0.hasPrefix("PRETTY_NAME=") }?
            .dropFirst("PRETTY_NAME=".count).filter { $0 != "\"" } ?? "?"
        let kernel = Kernel()
        let session = Machine.environment("SSH_CONNECTION") == nil ? "" : ", SSH"
        let user = geteuid() == 0 ? "root" : "user"
        return "\(name), \(kernel.release) \(kernel.processor), \(user)\(session)"
    }

    /// Packages that have a part in it, with their versions (dpkg's own file).
    private var packages: [String] {
        let names: Set<String> = [
            "pcscd", "libpcsclite1", "libccid", "polkitd", "policykit-1", "p11-kit", "libnss3", "opensc-pkcs11",
            "libcps-pkcs11", "cps", "firefox", "firefox-esr", "thunderbird", "chromium", "google-chrome-stable",
        ]
        var lines: [String] = []
        var name = ""
        var isInstalled = false
        for line in (machine.text(of: "/var/lib/dpkg/status") ?? "").lines {
            if line.hasPrefix("Package: ") { name = String(line.dropFirst("Package: ".count)) }
            if line.hasPrefix("Status: ") { isInstalled = line.hasSuffix(" installed") }
            if line.hasPrefix("Version: "), isInstalled, names.contains(name) {
                lines.append("\(name) \(line.dropFirst("Version: ".count))")
            }
        }
        return lines.sorted()
    }
}

/// What tells who somebody is.
private struct PersonalWords {
    /// Longest first: a home folder before the name in it.
    private let words: [(word: String, replacement: String)]

    init(_ machine: Machine) {
        var words = [(word: machine.home, replacement: "~")]
        let user = machine.home.parts("/").last ?? ""
        var host = [CChar](repeating: 0, count: 256)
        let hostName =
            unsafe gethostname(&host, host.count - 1) == 0
            ? String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : ""
        // Very short names, and those of every computer, stand in other words too.
        for (word, replacement) in [(user, "USER"), (hostName, "HOST")]
        where word.count > 2 && !["root", "user", "cps", "localhost", "debian"].contains(word) {
            words.append((word, replacement))
        }
        self.words = words.sorted { $0.word.count > $1.word.count }
    }

    func removed(from line: String) -> String {
        var line = line
        for (word, replacement) in words where word.count > 1 { line = line.replacing(word, replacement) }
        line = PersonalWords.withoutHomes(line)
        return PersonalWords.withoutNumbers(line)
    }

    /// The home folders of others, whose names are in a path of a policy.
    private static func withoutHomes(_ line: String) -> String {
        let homes = "/home/"
        var result = ""
        var rest = line[...]
        while let first = rest.first {
            guard rest.hasPrefix(homes) else {
                result.append(first)
                rest = rest.dropFirst()
                continue
            }
            result += homes + "USER"
            rest = rest.dropFirst(homes.count).drop { $0 != "/" && $0 != " " }
        }
        return result
    }

    /// A run of letters and digits that may be a serial number, or a person's.
    private static func withoutNumbers(_ line: String) -> String {
        var result = ""
        var run = ""
        func flush() {
            let digits = run.utf8.count { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            let isHexadecimal = run.utf8.allSatisfy { "0123456789ABCDEF".utf8.contains($0) }
            result += run.utf8.count >= 6 && (digits >= 4 || isHexadecimal && digits > 0) ? "#" : run
            run = ""
        }
        for character in line {
            if character.isASCII, character.isLetter || character.isNumber {
                run.append(character)
            } else {
                flush()
                result.append(character)
            }
        }
        flush()
        return result
    }
}

extension String {
    /// The text with one word in place of another.
    fileprivate func replacing(_ word: String, _ replacement: String) -> String {
        var result = ""
        var rest = self[...]
        while !rest.isEmpty {
            if rest.hasPrefix(word) {
                result += replacement
                rest = rest.dropFirst(word.count)
            } else {
                result.append(rest.removeFirst())
            }
        }
        return result
    }
}

/// What the kernel says of itself (uname(2)).
private struct Kernel {
    let release: String
    /// The processor's name, as in `x86_64-linux-gnu`.
    let processor: String

    init() {
        var name = utsname()
        _ = unsafe uname(&name)
        release = Kernel.text(name.release)
        processor = Kernel.text(name.machine)
    }

    /// A field that ends with a zero byte.
    private static func text<Field>(_ field: Field) -> String {
        unsafe withUnsafeBytes(of: field) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
