// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import ClientPrograms
@testable import Registration

@Suite("Programs in sandboxes")
struct SandboxTests {
    private static let place = ConstructedComputer.home + "/snap/firefox/common"
    private static let copy = place + "/cps-pkcs11/libcps-pkcs11-browser.so"

    /// With Firefox as a Snap that the person has used; its profile has the module already, so that
    /// no tool of NSS is called.
    private func computer() throws -> ConstructedComputer {
        let computer = try ConstructedComputer()
        computer.makeFolder("/snap/firefox/current")
        newProfile(computer, Self.place + "/.mozilla/firefox/card.default", Self.copy)
        return computer
    }

    private func newProfile(_ computer: ConstructedComputer, _ folder: String, _ copy: String) {
        computer.makeFolder(folder + "/cert9.db")
        computer.write("library=\(copy)\nname=Carte CPS\n", to: folder + "/pkcs11.txt")
    }

    @Test("a package keeps copies current, and makes none")
    func current() throws {
        let computer = try computer()
        #expect(try computer.run("--unasked", "sandboxes").isUnchanged)
        #expect(computer.text(Self.copy) == nil)
        #expect(try computer.run("firefox").hasChanged)
        #expect(computer.text(Self.copy) == "library")
        #expect(try computer.run("--unasked", "sandboxes").isUnchanged)
        computer.write("newer", to: ConstructedComputer.folder + "/libcps-pkcs11-browser.so")
        #expect(try computer.run("--unasked", "sandboxes").hasChanged)
        #expect(computer.text(Self.copy) == "newer")
    }

    @Test("copies go with the package, also where a profile cannot be changed, and the program has gone")
    func removed() throws {
        let computer = try computer()
        #expect(try computer.run("firefox").hasChanged)
        unsafe rmdir(computer.root + "/snap/firefox/current")
        // cert9.db is a folder: modutil fails, or is not there.
        #expect(try computer.run("--undo", "firefox").hasFailed)
        #expect(computer.text(Self.copy) != nil)
        #expect(!(try computer.run("--undo", "--unasked", "sandboxes").hasFailed))
        #expect(!Machine(root: computer.root).exists(Self.place + "/cps-pkcs11"))
    }

    @Test("a user for whom it fails keeps it from no other one")
    func failing() throws {
        let computer = try computer()
        let another = "/home/another/snap/firefox/common"
        computer.write(
            "another:x:\(getuid()):\(getgid())::/home/another:/bin/sh\n" + (computer.text("/etc/passwd") ?? ""),
            to: "/etc/passwd")
        computer.write("old", to: Self.copy)
        computer.makeFolder(another + "/cps-pkcs11/libcps-pkcs11-browser.so")
        #expect(try computer.run("--unasked", "sandboxes").hasFailed)
        #expect(computer.text(Self.copy) == "library")
    }

    @Test("a Flatpak of the user's own, with its profile where XDG_CONFIG_HOME is")
    func flatpak() throws {
        let computer = try ConstructedComputer()
        let data = ConstructedComputer.home + "/.var/app/org.mozilla.firefox"
        let copy = data + "/cps-pkcs11/libcps-pkcs11-browser.so"
        computer.makeFolder(ConstructedComputer.home + "/.local/share/flatpak/app/org.mozilla.firefox")
        newProfile(computer, data + "/config/mozilla/firefox/card.default", copy)
        let report = try computer.run("firefox")
        #expect(report.says("flatpak override --user --socket=pcsc org.mozilla.firefox"))
        #expect(computer.text(copy) == "library")
    }

    @Test("a program that hangs is ended", arguments: [true, false])
    func hanging(isCaught: Bool) {
        let words = ["-c", "exec sleep 60"]
        #expect(Subprocess("/bin/sh", words, home: "/", isCaught: isCaught, limit: 1).status == -1)
    }
}
