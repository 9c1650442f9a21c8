// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ClientPrograms

@Suite("The text of policies.json")
struct PolicyFileTests {
    static let library = "/usr/lib/pkcs11/libcps-pkcs11-browser.so"

    private static func file(_ text: String) throws -> PolicyFile { try PolicyFile(Array(text.utf8)) }
    private static func text(_ file: PolicyFile) -> String { String(decoding: file.bytes, as: UTF8.self) }

    /// Texts in which our module is not mentioned and whose form of SecurityDevices is the present one.
    static let texts = [
        "{}", "{ }", "{\n}\n", #"{"policies":{}}"#, #"{ "policies": { } }"#,
        #"{"policies":{"DisableTelemetry":true}}"#,
        "{\n  \"policies\": {\n    \"DisableTelemetry\": true\n  }\n}\n",
        "\u{FEFF}{\r\n\t\"policies\": {\r\n\t\t\"Proxy\": { \"Mode\": \"system\" }\r\n\t}\r\n}",
        #"{"policies": {"SecurityDevices": {"Add": {"Other": "/other.so"}}}}"#,
        #"{"policies": {"SecurityDevices": {"Delete": ["Old", "Older"]}}}"#,
        "{\"policies\": {\"SecurityDevices\": {\n \"Delete\": [ \"Old\" ],\n \"Add\": {\n  \"Other\": \"/other.so\"\n } } } }",
        #"{"a": [1, 2.5e-3, null, "é\u00e9\n\\\"", {"b": []}], "policies": {"Homepage": {"URL": "https://a.b/{}[],:"}}}"#,
    ]

    @Test("taking out is the inverse of putting in, byte for byte", arguments: texts)
    func inverse(text: String) throws {
        let before = try Self.file(text)
        let added = before.adding(Self.library)
        #expect(added.ownLibrary == Self.library)
        #expect(added.adding(Self.library).bytes == added.bytes)
        // What was made for it goes with it; where nothing of it was there it is the very text.
        let deleted = before.deleting
        #expect(deleted.deletesOurs)
        #expect(!before.mentionsOurs)
        for changed in [added, deleted, added.deleting, deleted.adding(Self.library)] {
            #expect(!changed.removed.mentionsOurs)
            if text.contains("\"policies\"") {
                #expect(Self.text(changed.removed) == text)
            } else {
                #expect(try JSONText(changed.removed.bytes).value == .object(["policies": .object([:])]))
            }
        }
    }

    @Test("every other byte stays", arguments: texts)
    func keepsTheRest(text: String) throws {
        let before = try Self.file(text)
        let added = Self.text(before.adding(Self.library))
        // What was put in is one piece.
        let head = zip(text.utf8, added.utf8).prefix { $0 == $1 }.count
        let tail = zip(text.utf8.reversed(), added.utf8.reversed()).prefix { $0 == $1 }.count
        #expect(head + tail >= text.utf8.count)
    }

    @Test("modules of the old form are kept below Add")
    func oldForm() throws {
        let before = try Self.file(#"{"policies":{  "DisableTelemetry":true,"SecurityDevices":{"Other":"/other.so"}}}"#)
        #expect(before.added == ["Other": "/other.so"])
        let after = before.adding(Self.library)
        #expect(after.added == ["Other": "/other.so", "Carte CPS": Self.library])
        #expect(Self.text(after).hasPrefix(#"{"policies":{  "DisableTelemetry":true,"SecurityDevices":{"Add": {"#))
        #expect(after.removed.added == ["Other": "/other.so"])
    }

    @Test("another path under our name is replaced, a deletion is lifted")
    func replaced() throws {
        let other = try Self.file(#"{"policies": {"SecurityDevices": {"Add": {"Carte CPS": "/old.so", "B": "/b"}}}}"#)
        #expect(other.adding(Self.library).added == ["Carte CPS": Self.library, "B": "/b"])
        let deletion = try Self.file(#"{"policies": {"SecurityDevices": {"Delete": ["A", "Carte CPS", "B"]}}}"#)
        let lifted = deletion.adding(Self.library)
        #expect(lifted.deleted == ["A", "B"])
        #expect(lifted.ownLibrary == Self.library)
        let twice = try Self.file(
            #"{"policies": {"SecurityDevices": {"Add": {"Carte CPS": "/a", "Carte CPS": "/b"}, "Delete": ["Carte CPS"]}}}"#
        )
        #expect(!twice.removed.mentionsOurs)
    }

    @Test("what is ours alone")
    func oursAlone() throws {
        #expect(try PolicyFile(PolicyFile.adding(Self.library)).isOursAlone)
        #expect(try PolicyFile(PolicyFile.deleting).isOursAlone)
        #expect(try Self.file(#"{"policies": {"SecurityDevices": {"Delete": ["Carte CPS"]}}}"#).isOursAlone)
        for text in Self.texts { #expect(!(try Self.file(text).isOursAlone)) }
        #expect(!(try Self.file(#"{"policies": {"A": 1, "SecurityDevices": {"Delete": ["Carte CPS"]}}}"#).isOursAlone))
        // The text that version 0.1.0 wrote.
        #expect(
            String(decoding: PolicyFile.adding("/a.so"), as: UTF8.self)
                == "{\n  \"policies\": {\n    \"SecurityDevices\": {\n      \"Add\": {\n        \"Carte CPS\": \"/a.so\"\n"
                + "      }\n    }\n  }\n}\n")
    }

    @Test(
        "what is not as policies are written is refused",
        arguments: [
            "", "[]", "{", "{}}", "{\"a\":1,}", "{'a':1}", "{\"a\":01}", "{\"a\":tru}", "{\"a\":\"\u{1}\"}",
            "{\"a\":\"\\x\"}",
            "{\"policies\": []}", "{\"policies\": {\"SecurityDevices\": []}}", "{\"a\":+1}", "{\"a\":1.}", "{\"a\" 1}",
            "{\"policies\": {\"SecurityDevices\": {\"Add\": 1}}}",
            "{\"policies\": {\"SecurityDevices\": {\"Delete\": {}}}}",
            "{\"policies\": {\"SecurityDevices\": {\"Add\": {\"Carte CPS\": 1}}}}", "{\"a\":\"\\u12\"}", "nul",
            String(repeating: "[", count: 100_000), "{\"a\":" + String(repeating: "[", count: 100) + "}",
        ])
    func refused(text: String) {
        #expect(throws: PolicyFile.Invalid.self) { try PolicyFile(Array(text.utf8)) }
    }

    @Test("no bytes whatever end the program")
    func garbage() {
        var generator = SystemRandomNumberGenerator()
        let seed = Array(Self.texts[10].utf8)
        for _ in 0..<2000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[place] = UInt8.random(in: 0...255, using: &generator)
            }
            bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &generator)))
            guard let file = try? PolicyFile(bytes) else { continue }
            #expect(!file.adding(Self.library).removed.mentionsOurs)
            #expect(!file.deleting.removed.mentionsOurs)
        }
    }

    @Test("strings as JSON has them")
    func strings() throws {
        let text = "a\"b\\c\n\t\u{1}é\u{1F600}"
        #expect(JSONString.encoded(text) == "\"a\\\"b\\\\c\\n\\t\\u0001é\u{1F600}\"")
        #expect(try JSONText(Array(JSONString.encoded(text).utf8)).value == .string(text))
        #expect(try JSONText(Array(#""\ud83d\ude00\u00E9\/""#.utf8)).value == .string("\u{1F600}é/"))
    }
}
