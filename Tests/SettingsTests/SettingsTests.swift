// SPDX-License-Identifier: Apache-2.0

import CPSCard
import Foundation
import Testing

@testable import Settings

/// Where settings come from, and which of them counts.
@Suite("Settings")
struct SettingsTests {
    /// A machine with a file for all, and the folders of a user.
    final class Machine {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cps-settings-\(UUID().uuidString)")
        var file: String { folder.path + "/machine.conf" }
        var user: String { folder.path + "/.config/cps-pkcs11/config" }

        init() throws {
            try FileManager.default.createDirectory(
                at: folder.appendingPathComponent(".config/cps-pkcs11"), withIntermediateDirectories: true)
        }

        func write(_ text: String, to path: String, mode: Int = 0o644) throws {
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        }

        func settings(_ variables: [String: String] = [:]) -> Settings {
            let variables = ["HOME": folder.path].merging(variables) { $1 }
            return Settings(machineFile: file) { variables[$0] }
        }

        deinit { try? FileManager.default.removeItem(at: folder) }
    }

    let machine: Machine

    init() throws { machine = try Machine() }

    @Test("are the defaults on a machine without files")
    func defaults() {
        #expect(machine.settings() == Settings())
        #expect(Settings().logout == .last && Settings().usesCache)
    }

    @Test("come from the machine, then the user, then the environment")
    func order() throws {
        try machine.write("logout=reset\n", to: machine.file)
        #expect(machine.settings().logout == .reset)
        try machine.write("logout=leave\n", to: machine.user)
        #expect(machine.settings().logout == .leave)
        #expect(machine.settings(["CPS_PKCS11_LOGOUT": "last"]).logout == .last)
        #expect(machine.settings(["XDG_CONFIG_HOME": "/nowhere"]).logout == .reset)
        // What is not known changes nothing.
        #expect(machine.settings(["CPS_PKCS11_LOGOUT": "first"]).logout == .leave)
    }

    @Test("of a program with more rights than its user are the machine's only")
    func secure() throws {
        try machine.write("logout=reset\n", to: machine.file)
        try machine.write("logout=leave\n", to: machine.user)
        #expect(Settings(machineFile: machine.file) { _ in nil }.logout == .reset)
    }

    @Test("may refuse the cache, and none allows it again")
    func cache() throws {
        #expect(!machine.settings(["CPS_PKCS11_CACHE": "off"]).usesCache)
        try machine.write("cache = off", to: machine.file)
        try machine.write("cache = on", to: machine.user)
        #expect(!machine.settings().usesCache)
    }

    @Test("are read from lines with blanks, comments and keys of other versions")
    func lines() throws {
        try machine.write("# logout=leave\n\r\n  colour=blue\n=\n\t logout \t=  reset \r\nlogout\n#", to: machine.file)
        #expect(machine.settings().logout == .reset)
        try machine.write("logout=leave=reset", to: machine.file)
        #expect(machine.settings() == Settings())
        try machine.write("\u{0}\u{FF}=\u{0}\nlogout=leave", to: machine.file)
        #expect(machine.settings().logout == .leave)
    }

    @Test("are not read from a file that others may write to, from a pipe, or from too long a file")
    func unsafeFiles() throws {
        for mode in [0o664, 0o646, 0o666] {
            try machine.write("logout=leave", to: machine.user, mode: mode)
            #expect(machine.settings() == Settings())
        }
        try machine.write(String(repeating: "#", count: SettingsFile.longest) + "\nlogout=leave", to: machine.user)
        #expect(machine.settings() == Settings())
        try FileManager.default.removeItem(atPath: machine.user)
        let pipe = unsafe mkfifo(machine.user, 0o600)
        #expect(pipe == 0 && machine.settings() == Settings())
    }

    @Test("are read through a link, but not from another user's file", .enabled(if: geteuid() == 0))
    func owners() throws {
        let elsewhere = machine.folder.path + "/elsewhere"
        try machine.write("logout=leave", to: elsewhere)
        try FileManager.default.createSymbolicLink(atPath: machine.user, withDestinationPath: elsewhere)
        #expect(machine.settings().logout == .leave)
        try FileManager.default.setAttributes([.ownerAccountID: 12345], ofItemAtPath: elsewhere)
        #expect(machine.settings() == Settings())
    }
}
