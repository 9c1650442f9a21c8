// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import ClientPrograms
@testable import Registration

@Suite("Files that are set up")
struct FileTests {
    /// Registers twice and undoes twice; files are as before.
    private func goesThere(_ computer: ConstructedComputer, _ word: String, _ check: () -> Bool) throws {
        let before = computer.snapshot
        #expect(try computer.run("--dry-run", word).hasChanged)
        #expect(computer.snapshot == before)
        #expect(try computer.run(word).hasChanged)
        #expect(check())
        let after = computer.snapshot
        #expect(!(try computer.run(word).hasChanged))
        #expect(computer.snapshot == after)
        #expect(try computer.run("--undo", word).hasChanged)
        let files = { (snapshot: [String: String]) in snapshot.filter { !$0.value.hasPrefix("40") } }
        #expect(files(computer.snapshot) == files(before))
        #expect(try computer.run("--undo", word).isUnchanged)
    }

    @Test("p11-kit's module file: not for programs that have the browsers' copy")
    func p11Kit() throws {
        let computer = try ConstructedComputer()
        try goesThere(computer, "p11-kit") {
            let modules = P11KitModule.all(on: Machine(root: computer.root, home: ConstructedComputer.home))
            return modules.count == 1 && !modules[0].isEnabled(for: .firefox) && !modules[0].isEnabled(for: .chromium)
                && modules[0].isEnabled(for: .thunderbird) && modules[0].module == .ours
        }
        // Version 0.1.0's, without `disable-in`.
        computer.write(
            "# cps-pkcs11: scripts/register\nmodule: \(ConstructedComputer.folder)/libcps-pkcs11.so\npriority: 10\n",
            to: ClientFile.p11KitModule)
        #expect(try computer.run("p11-kit").hasChanged)
        #expect(computer.text(ClientFile.p11KitModule)?.contains("disable-in: firefox, ") ?? false)
        computer.write("module: /other.so\n", to: ClientFile.p11KitModule)
        let before = computer.snapshot
        #expect(try computer.run("p11-kit").says("was not written by this program"))
        #expect(try computer.run("--undo", "p11-kit").hasFailed)
        #expect(computer.snapshot == before)
    }

    @Test("the paths of the official library: in folders that were there, or not")
    func officialPath() throws {
        let computer = try ConstructedComputer()
        for folder in ["/opt", "/usr/lib", "/usr/local/lib", "/usr/lib64", "/usr/local/galss"] {
            computer.makeFolder(folder)
        }
        let before = computer.snapshot
        try goesThere(computer, "official-path") {
            let library = ConstructedComputer.folder + "/libcps-pkcs11.so"
            return OfficialPlaces.links.allSatisfy { Machine(root: computer.root).linkTarget(of: $0) == library }
                && computer.text("/usr/lib64/mozilla/pkcs11-modules/cps3.json")?.contains("libcps-pkcs11-browser.so")
                    ?? false
        }
        #expect(computer.snapshot == before)
        // A system folder that is a link: nothing is set up behind it.
        let other = try ConstructedComputer()
        other.makeFolder("/usr/lib")
        other.link("/usr/lib64", to: "lib")
        try other.run("official-path")
        #expect(other.text("/usr/lib/libcps3_pkcs11_lux.so.0") == nil)
        computer.write("theirs", to: OfficialPlaces.library)
        #expect(try computer.run("official-path").says("the official library stays as it is"))
        #expect(computer.text(OfficialPlaces.library) == "theirs")
    }

    @Test(
        "ssh's configuration, byte for byte",
        arguments: [
            nil, "", "Host own\n    PKCS11Provider /other.so\n", "Host own\n    PKCS11Provider /other.so", "\n\n",
            "a\r\n",
        ])
    func openSSH(content: String?) throws {
        let computer = try ConstructedComputer()
        let file = ClientFile.openSSH(home: ConstructedComputer.home)
        if let content { computer.write(content, to: file, mode: 0o640) }
        try goesThere(computer, "openssh") {
            computer.text(file)?.hasSuffix(
                "PKCS11Provider \(ConstructedComputer.folder)/libcps-pkcs11-browser.so\n# cps-pkcs11: ends\n")
                ?? false
        }
    }

    @Test("what a person has written behind our block of ssh's configuration stays")
    func openSSHEdited() throws {
        let computer = try ConstructedComputer()
        let file = ClientFile.openSSH(home: ConstructedComputer.home)
        computer.write("Host a", to: file)
        try computer.run("openssh")
        computer.write((computer.text(file) ?? "") + "Host b\n", to: file)
        try computer.run("--undo", "openssh")
        #expect(computer.text(file) == "Host aHost b\n" || computer.text(file) == "Host a\nHost b\n")
        // A block without its end is not ours.
        computer.write("# cps-pkcs11: begins (scripts/register)\nHost *\n", to: file)
        let before = computer.text(file)
        try computer.run("--undo", "openssh")
        #expect(computer.text(file) == before)
    }

    @Test("ssh's configuration behind a link stays there")
    func openSSHByALink() throws {
        let computer = try ConstructedComputer()
        let home = ConstructedComputer.home
        computer.write("Host own\n", to: home + "/files/ssh")
        computer.link(home + "/.ssh/config", to: "../files/ssh")
        try goesThere(computer, "openssh") { computer.text(home + "/files/ssh")?.contains("PKCS11Provider") ?? false }
        #expect(Machine(root: computer.root).linkTarget(of: home + "/.ssh/config") == "../files/ssh")
    }

    @Test("files for Java and OpenSSL", arguments: ["java", "openssl"])
    func ownFiles(word: String) throws {
        let computer = try ConstructedComputer()
        let name = word == "java" ? "java.cfg" : "openssl.cnf"
        let file = "\(ConstructedComputer.home)/.config/cps-pkcs11/\(name)"
        try goesThere(computer, word) {
            computer.text(file)?.contains("\(ConstructedComputer.folder)/libcps-pkcs11.so") ?? false
        }
        computer.write("mine\n", to: file)
        #expect(try computer.run(word).hasFailed)
        #expect(try computer.run("--undo", word).hasFailed)
        #expect(computer.text(file) == "mine\n")
    }

    @Test("without the library clients are refused")
    func withoutLibrary() throws {
        let computer = try ConstructedComputer()
        unsafe unlink(computer.root + ConstructedComputer.folder + "/libcps-pkcs11.so")
        unsafe unlink(computer.root + ConstructedComputer.folder + "/libcps-pkcs11-browser.so")
        for word in ["firefox", "thunderbird", "p11-kit", "official-path", "openssh", "java", "openssl"] {
            let before = computer.snapshot
            #expect(try computer.run(word).says("is missing: first register"))
            #expect(computer.snapshot == before)
        }
    }

    @Test("for all users: also those whom the system does not list")
    func allUsers() throws {
        let computer = try ConstructedComputer()
        // The tests' own user owns all of it; only persons are looked for.
        let machine = Machine(root: computer.root, home: "/root")
        computer.makeFolder("/home/unlisted")
        computer.makeFolder("/home/DOMAIN/far")
        let homes = Account.all(on: machine, home: "/root").map(\.home)
        if getuid() >= 1000 {
            #expect(homes.contains("/home/unlisted"))
        } else {
            #expect(homes == ["/home/somebody"])
            for (path, user) in [("/home/unlisted", 4242), ("/home/DOMAIN/far", 70_000)] {
                #expect(unsafe chown(computer.root + path, uid_t(user), uid_t(user)) == 0)
            }
            #expect(
                Account.all(on: machine, home: "/root").map(\.home) == [
                    "/home/somebody", "/home/DOMAIN/far", "/home/unlisted",
                ])
        }
    }

    @Test("a dry run shows the lines")
    func difference() {
        let before = Array("a\nb\nc\nd\ne\nf\ng\n".utf8), after = Array("a\nb\nc\nd\nX\nf\ng\n".utf8)
        #expect(
            LineDifference.text("/f", from: before, to: after)
                == "--- /f\n+++ /f\n@@ -2,6 +2,6 @@\n b\n c\n d\n-e\n+X\n f\n g\n")
        #expect(
            LineDifference.text("/f", from: nil, to: Array("a".utf8))
                == "--- /dev/null\n+++ /f\n@@ -0,0 +1,1 @@\n+a\n\\ No newline at end of file\n")
        #expect(LineDifference.text("/f", from: before, to: before).isEmpty)
    }

    @Test("words that are not known")
    func words() throws {
        for words in [["netscape"], ["nss"], ["--root"], ["openssh", "--as", "x"]] {
            #expect(throws: Obstacle.self) { try Options(words) }
        }
        let options = try Options(["--undo", "--dry-run", "nss", "a b", "firefox"])
        #expect(options.steps == [Step(word: .nss, argument: "a b"), Step(word: .firefox)])
        #expect(
            options.for(Account(user: 5, group: 6, home: "/h"), Step(word: .firefox), onlyProfiles: true, form: .lines)
                .words
                == ["--as", "5:6", "--home", "/h", "--undo", "--dry-run", "--lines", "--profiles", "firefox"])
    }
}
