// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ClientPrograms
@testable import Registration

@Suite("Policies of Firefox and Thunderbird")
struct PolicyTests {
    private static let programs = ["firefox", "thunderbird"]
    private static func file(_ program: String) -> String { "/etc/\(program)/policies/policies.json" }
    private static func library(_ program: String) -> String {
        ConstructedComputer.folder + (program == "firefox" ? "/libcps-pkcs11-browser.so" : "/libcps-pkcs11.so")
    }
    private static let delete =
        "{\n  \"policies\": {\n    \"SecurityDevices\": {\n      \"Delete\": [\n        \"Carte CPS\"\n      ]\n    }\n  }\n}\n"
    private static let proxy = #"{"policies":{"Proxy":{"Mode":"manual","HTTPProxy":"proxy:3128"}}}"#

    private func policies(_ computer: ConstructedComputer, _ path: String) throws -> PolicyFile {
        try PolicyFile(Array(try #require(computer.text(path)).utf8))
    }

    /// Registers, registers again, undoes, undoes again.
    private func goesThere(_ computer: ConstructedComputer, _ program: String) throws {
        let before = computer.snapshot
        #expect(try computer.run("--dry-run", program).hasChanged)
        #expect(computer.snapshot == before)
        #expect(try computer.run(program).hasChanged)
        let after = computer.snapshot
        #expect(try policies(computer, Self.file(program)).ownLibrary == Self.library(program))
        #expect(try computer.run(program).isUnchanged)
        #expect(computer.snapshot == after)
        #expect(try computer.run("--undo", "--dry-run", program).hasChanged)
        #expect(computer.snapshot == after)
        #expect(try computer.run("--undo", program).hasChanged)
        #expect(computer.snapshot == before)
        #expect(try computer.run("--undo", program).isUnchanged)
        #expect(computer.snapshot == before)
    }

    @Test("a computer without policies, with the program in each of its places", arguments: programs)
    func withoutPolicies(program: String) throws {
        let row = try #require(ClientProgram.all.first { $0.word.rawValue == program })
        for place in row.places + [""] {
            let computer = try ConstructedComputer()
            if !place.isEmpty { computer.makeFolder(place) }
            try goesThere(computer, program)
            // As a package does it.
            let before = computer.snapshot
            #expect(try computer.run("--unasked", program).hasChanged)
            #expect(try policies(computer, Self.file(program)).ownLibrary == Self.library(program))
            #expect(try computer.run("--undo", "--unasked", program).hasChanged)
            #expect(computer.snapshot == before)
        }
    }

    @Test("policies of others in /etc: kept unasked, merged when asked", arguments: programs)
    func policiesOfOthers(program: String) throws {
        for text in [
            Self.proxy, "{ \"policies\": {} }", "{}", "{\"policies\":{\"SecurityDevices\":{\"Other\":\"/o.so\"}}}\r\n",
        ] {
            let computer = try ConstructedComputer()
            computer.write(text, to: Self.file(program), mode: 0o640)
            let before = computer.snapshot
            let report = try computer.run("--unasked", program)
            #expect(report.isUnchanged)
            #expect(report.says("sudo cps register \(program)"))
            #expect(computer.snapshot == before)
            try goesThere(computer, program)
        }
    }

    @Test("policies that come with the program are never hidden unasked, in no place", arguments: programs)
    func distribution(program: String) throws {
        let row = try #require(ClientProgram.all.first { $0.word.rawValue == program })
        for distribution in row.distributions {
            let computer = try ConstructedComputer()
            computer.write(Self.proxy, to: distribution)
            let before = computer.snapshot
            let report = try computer.run("--unasked", program)
            #expect(report.isUnchanged && report.says(distribution))
            #expect(computer.snapshot == before)
            try goesThere(computer, program)
            // Asked for, the new file says all that the hidden one says.
            #expect(try computer.run(program).says(distribution))
            #expect(computer.text(Self.file(program))?.contains("proxy:3128") ?? false)
            // The distribution's changes meanwhile: undoing still gives it back its place.
            computer.write(#"{"policies":{"Proxy":{"Mode":"none"}}}"#, to: distribution)
            try computer.run("--undo", program)
            #expect(computer.text(Self.file(program)) == nil)
        }
    }

    @Test("an administrator's edit in between stays, to the byte", arguments: programs)
    func editedInBetween(program: String) throws {
        let computer = try ConstructedComputer()
        computer.write(Self.proxy, to: Self.file(program))
        try computer.run(program)
        let registered = try #require(computer.text(Self.file(program)))
        let edit = #""Proxy":{"Mode":"none"},  "DisablePocket" : true}}"#
        let place = try #require(registered.range(ofText: #""Proxy""#))
        computer.write(registered[..<place] + edit, to: Self.file(program))
        try computer.run("--undo", program)
        #expect(computer.text(Self.file(program)) == #"{"policies":{"# + edit)
        #expect(computer.text(Self.file(program) + ".before-cps-pkcs11") == nil)
        // The file that was made anew: what somebody has added stays in it.
        let other = try ConstructedComputer()
        try other.run(program)
        let text = try #require(other.text(Self.file(program)))
        let end = try #require(text.range(ofText: "\n  }\n}"))
        other.write(text[..<end] + ",\n    \"DisablePocket\": true" + text[end...], to: Self.file(program))
        try other.run("--undo", program)
        #expect(other.text(Self.file(program)) == "{\n  \"policies\": {\n    \"DisablePocket\": true\n  }\n}\n")
    }

    @Test("the copy of before is that of the last registration")
    func replacedInBetween() throws {
        let computer = try ConstructedComputer()
        let file = Self.file("firefox")
        computer.write(Self.proxy, to: file)
        try computer.run("firefox")
        computer.write("{\"policies\": {\"DisablePocket\": true}}\n", to: file)
        let before = computer.text(file)
        try computer.run("firefox")
        try computer.run("--undo", "firefox")
        #expect(computer.text(file) == before)
        #expect(computer.text(file + ".before-cps-pkcs11") == nil)
    }

    @Test("a Delete of ours becomes Add again when the package comes back")
    func deleteOfOurs() throws {
        // As a purge of version 0.1.0 left it.
        let computer = try ConstructedComputer()
        computer.write(Self.delete, to: Self.file("firefox"))
        #expect(try computer.run("--unasked", "firefox").hasChanged)
        #expect(try policies(computer, Self.file("firefox")).ownLibrary == Self.library("firefox"))
        try computer.run("--undo", "--unasked", "firefox")
        #expect(computer.text("/etc/firefox") == nil)
        #expect(Machine(root: computer.root).names(in: "/etc") == ["passwd"])
        // In a file of others whose copy says that Delete is ours.
        computer.write(Self.proxy, to: Self.file("firefox") + ".before-cps-pkcs11")
        computer.write(
            "{\n  \"policies\": {\n    \"Proxy\": {\n      \"Mode\": \"manual\",\n      \"HTTPProxy\": \"proxy:3128\"\n    },\n"
                + "    \"SecurityDevices\": {\n      \"Delete\": [\n        \"Carte CPS\"\n      ]\n    }\n  }\n}\n",
            to: Self.file("firefox"))
        #expect(try computer.run("--unasked", "firefox").hasChanged)
        #expect(try policies(computer, Self.file("firefox")).ownLibrary == Self.library("firefox"))
        try computer.run("--undo", "--unasked", "firefox")
        #expect(computer.text(Self.file("firefox")) == Self.proxy)
        // An administrator's own Delete is nobody's to lift unasked.
        computer.write(#"{"policies":{"A":1,"SecurityDevices":{"Delete":["Carte CPS"]}}}"#, to: Self.file("firefox"))
        let before = computer.snapshot
        #expect(try computer.run("--unasked", "firefox").isUnchanged)
        #expect(computer.snapshot == before)
        #expect(try computer.run("firefox").hasChanged)
        #expect(try policies(computer, Self.file("firefox")).deleted.isEmpty)
        try computer.run("--undo", "firefox")
        #expect(computer.snapshot == before)
    }

    @Test("files that version 0.1.0 wrote are undone byte for byte", arguments: programs)
    func upgrade(program: String) throws {
        let library = Self.library(program)
        let computer = try ConstructedComputer()
        let file = Self.file(program)
        let empty = computer.snapshot
        let added =
            "{\n  \"policies\": {\n    \"SecurityDevices\": {\n      \"Add\": {\n        \"Carte CPS\": \"\(library)\"\n      }\n    }\n  }\n}\n"
        computer.write(added, to: file)
        #expect(try computer.run(program).isUnchanged)
        #expect(try computer.run("--unasked", program).isUnchanged)
        #expect(try computer.run("--undo", program).hasChanged)
        #expect(computer.snapshot == empty)
        // Merged, with a copy: its text was made anew, sorted in its own way.
        let before = #"{"policies":{  "DisableTelemetry":true,"SecurityDevices":{"Other":"/other.so"}}}"#
        computer.write(before, to: file)
        let origin = computer.snapshot
        computer.write(before, to: file + ".before-cps-pkcs11")
        computer.write(
            "{\n  \"policies\": {\n    \"DisableTelemetry\": true,\n    \"SecurityDevices\": {\n      \"Add\": {\n"
                + "        \"Other\": \"/other.so\",\n        \"Carte CPS\": \"\(library)\"\n      }\n    }\n  }\n}\n",
            to: file)
        #expect(try computer.run(program).isUnchanged)
        try computer.run("--undo", program)
        #expect(computer.snapshot == origin)
        // Begun as the distribution's, without a memory of it.
        let other = try ConstructedComputer()
        let distribution = try #require(ClientProgram.all.first { $0.word.rawValue == program }).distributions[0]
        other.write("{\"policies\":{\"A\":1.0}}", to: distribution)
        let untouched = other.snapshot
        other.write(
            "{\n  \"policies\": {\n    \"A\": 1.0,\n    \"SecurityDevices\": {\n      \"Add\": {\n        \"Carte CPS\": \"\(library)\"\n"
                + "      }\n    }\n  }\n}\n", to: file)
        try other.run("--undo", program)
        #expect(other.snapshot == untouched)
    }

    @Test("what cannot be understood is left, and said", arguments: ["{\"policies\": {", "[]", ""])
    func invalid(text: String) throws {
        let computer = try ConstructedComputer()
        computer.write(text, to: Self.file("firefox"))
        let before = computer.snapshot
        for words in [["firefox"], ["--undo", "firefox"]] {
            let report = try words.count == 1 ? computer.run(words[0]) : computer.run(words[0], words[1])
            #expect(report.hasFailed && report.says("no valid policies"))
            #expect(computer.snapshot == before)
        }
    }

    @Test("nothing is opened through a link")
    func links() throws {
        let computer = try ConstructedComputer()
        computer.write(Self.proxy, to: "/elsewhere/policies/policies.json")
        computer.link("/etc/firefox", to: "../elsewhere")
        computer.link(Self.file("thunderbird"), to: "../../../elsewhere/policies/policies.json")
        let before = computer.snapshot
        for program in Self.programs {
            for words in [[program], ["--undo", program]] {
                let report = try words.count == 1 ? computer.run(words[0]) : computer.run(words[0], words[1])
                #expect(report.hasFailed && report.says("is a link or leads through one"))
                #expect(computer.snapshot == before)
            }
        }
    }

    @Test("a program in a sandbox only is called what it is")
    func sandboxes() throws {
        let computer = try ConstructedComputer()
        computer.makeFolder("/snap/firefox/current")
        let asked = try computer.run("firefox")
        #expect(asked.isUnchanged && asked.says("Nobody has used Firefox in a Snap or Flatpak yet"))
        computer.makeFolder(ConstructedComputer.home + "/snap/firefox/common")
        let started = try computer.run("firefox")
        #expect(started.isUnchanged && started.says("start and end it once"))
        #expect(!(try computer.run("--unasked", "firefox").hasFailed))
        computer.makeFolder("/usr/lib/firefox")
        #expect(!(try computer.run("firefox").hasFailed))
    }

    @Test("where NSS loads p11-kit into every program, Thunderbird has the card already")
    func systemWithProxy() throws {
        let computer = try ConstructedComputer()
        computer.write(
            "name=p11-kit-proxy\nlibrary=p11-kit-proxy.so\n", to: "/etc/crypto-policies/back-ends/nss.config")
        try computer.run("p11-kit")
        let before = computer.snapshot
        let report = try computer.run("thunderbird")
        #expect(report.isUnchanged && report.says("sees the card through p11-kit"))
        #expect(computer.snapshot == before)
        try goesThere(computer, "firefox")
    }
}

extension String {
    /// Where a text begins.
    fileprivate func range(ofText text: String) -> String.Index? {
        indices.first { self[$0...].hasPrefix(text) }
    }
}
