// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import Foundation
import ISO7816
import SmartCardBytes
import Testing
import VirtualCPS
import VirtualCPSTestSupport

@testable import CPSCard
@testable import Cryptoki

/// A reader with a card, and programs that use it one after the other: what each
/// of them costs in commands to the card.
final class Bench {
    static let reader = "Virtual Reader 00"
    let readers = InProcessReaders([Bench.reader])
    let store: (any CardFileStore)?

    init(
        _ profile: String, store: (any CardFileStore)?, transport: TransportProtocol? = nil,
        options: VirtualCard.Options = .init(), change: (inout CardProfile) -> Void = { _ in }
    ) throws {
        self.store = store
        readers.insert(
            try Bench.card(profile, transport: transport, options: options, change: change), into: Bench.reader)
    }

    static func card(
        _ name: String, transport: TransportProtocol? = nil, options: VirtualCard.Options = .init(),
        change: (inout CardProfile) -> Void = { _ in }
    ) throws -> VirtualCard {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var profile = try CardProfile(
            parsing: Array(
                Data(contentsOf: root.appendingPathComponent("Sources/cps-virtual-card/Profiles/\(name).json"))))
        change(&profile)
        return try VirtualCard(
            profile: profile, credentials: CardCredentials.selfSigned(for: profile),
            transport: transport ?? (profile.generation == .cps4 ? .t1 : nil), options: options)
    }

    /// Runs a program from C_Initialize to C_Finalize.
    /// - Returns: how many commands the card got.
    @discardableResult
    func run(_ program: (Program) throws -> Void) throws -> Int {
        let before = readers.commands.count
        let provider = Provider(readers: KeptOpen(readers), store: store)
        defer { provider.finalize() }
        _ = try provider.slotList(tokenPresent: true, capacity: provider.slotCount(tokenPresent: true))
        try program(Program(provider))
        return readers.commands.count - before
    }
}

extension Bench {
    /// What a real card would take for the commands so far, in milliseconds, by the
    /// model of scripts/bench: 12 for each, 1 a byte on a CPS3 and 0.1 on a CPS4, 500
    /// for what a private key does.
    func cardTime(_ profile: String) -> Double {
        let perByte = profile.hasSuffix("cps3") ? 1 : 0.1
        return readers.exchanges.reduce(0) { time, exchange in
            let response = exchange.response ?? []
            let isChained = exchange.command[0] & 0x10 != 0
            let usesKey =
                exchange.command[1] == 0x88
                || exchange.command[1] == 0x2A
                    && [0x9E9A, 0x8086].contains(
                        Int(exchange.command[2]) << 8 | Int(exchange.command[3]))
            return time + 12 + Double(exchange.command.count + response.count) * perByte
                + (usesKey && !isChained ? 500 : 0)
        }
    }
}

/// Readers that outlive a provider.
private final class KeptOpen: ReaderService {
    private let readers: InProcessReaders
    init(_ readers: InProcessReaders) { self.readers = readers }
    func readerNames() throws(ChannelError) -> [String] { try readers.readerNames() }
    func states(of names: [String]) throws(ChannelError) -> [ReaderState] { try readers.states(of: names) }
    func waitForChange(from known: [(reader: String, state: ReaderState)], milliseconds: Int) throws(ChannelError) {
        try readers.waitForChange(from: known, milliseconds: milliseconds)
    }
    func connect(to reader: String) throws(ChannelError) -> any CardChannel { try readers.connect(to: reader) }
    func cancelWaits() {}
    func close() {}
}

/// What a program does with the card in slot 0.
struct Program {
    let provider: Provider
    init(_ provider: Provider) { self.provider = provider }

    func listSlots() throws {
        _ = try provider.slotInfo(0)
        _ = try provider.tokenInfo(0)
    }

    func open() throws -> CK_SESSION_HANDLE { try provider.openSession(0, readWrite: false) }

    func logIn() throws -> CK_SESSION_HANDLE {
        let session = try open()
        try logIn(session)
        return session
    }

    private func logIn(_ session: CK_SESSION_HANDLE) throws {
        var pin = SecretBytes(capacity: 4)
        pin.append(contentsOf: Array("1234".utf8))
        try provider.logIn(session, as: .user, pin: pin)
    }

    /// What pkcs11-tool -O asks for.
    func listObjects(_ session: CK_SESSION_HANDLE) throws {
        try provider.findObjectsInit(session, [])
        let objects = try provider.findObjects(session, count: 100)
        try provider.findObjectsFinal(session)
        for handle in objects {
            let object = try provider.object(session, handle)
            for type in [CKA_CLASS, CKA_LABEL, CKA_ID, CKA_SUBJECT, CKA_SERIAL_NUMBER, CKA_MODULUS] {
                _ = try? object.value(of: type)
            }
        }
    }

    /// Writes CPS_DATA, in a session of its own.
    func write(_ value: [UInt8]) throws {
        let session = try provider.openSession(0, readWrite: true)
        defer { try? provider.closeSession(session) }
        try provider.findObjectsInit(session, [Attribute(type: CKA_LABEL, value: AttributeValue.text("CPS_DATA"))])
        let found = try provider.findObjects(session, count: 1)
        try provider.findObjectsFinal(session)
        try provider.setAttributes(session, #require(found.first), [Attribute(type: CKA_VALUE, value: value)])
    }

    /// The values of all data objects that a session sees.
    func readPublicData(_ session: CK_SESSION_HANDLE) throws -> [String: [UInt8]] {
        try provider.findObjectsInit(
            session, [Attribute(type: CKA_CLASS, value: AttributeValue.number(CKO_DATA))])
        let objects = try provider.findObjects(session, count: 100)
        try provider.findObjectsFinal(session)
        var values: [String: [UInt8]] = [:]
        for handle in objects {
            let object = try provider.object(session, handle)
            let label = String(decoding: try object.value(of: CKA_LABEL), as: UTF8.self)
            values[label] = try object.value(of: CKA_VALUE)
        }
        return values
    }

    func key(_ label: String, _ session: CK_SESSION_HANDLE) throws -> CK_OBJECT_HANDLE {
        try provider.findObjectsInit(
            session,
            [
                Attribute(type: CKA_CLASS, value: AttributeValue.number(CKO_PRIVATE_KEY)),
                Attribute(type: CKA_LABEL, value: AttributeValue.text(label)),
            ])
        let found = try provider.findObjects(session, count: 1)
        try provider.findObjectsFinal(session)
        return try #require(found.first)
    }

    func sign(
        _ session: CK_SESSION_HANDLE, _ key: CK_OBJECT_HANDLE, _ mechanism: CK_MECHANISM_TYPE = CKM_RSA_PKCS
    ) throws {
        let data =
            mechanism == CKM_RSA_PKCS
            ? Array(hexadecimal: "3031300D060960864801650304020105000420") + [UInt8](repeating: 7, count: 32)
            : Array("a document".utf8)
        try provider.signInit(session, Mechanism(type: mechanism, parameter: []), key: key)
        guard case .bytes(let signature) = try provider.sign(session, data: data.span, .bytes(capacity: 256)) else {
            Issue.record("no signature")
            return
        }
        #expect(signature.count == 256)
    }

    /// What OpenSSL's engine (libp11) calls for a private key and one signature with it.
    func authenticateTLSClient() throws {
        try listSlots()
        let session = try open()
        _ = try keys(session)
        try logIn(session)
        for key in try keys(session) {
            let object = try provider.object(session, key)
            for type in [CKA_KEY_TYPE, CKA_ID, CKA_LABEL, CKA_ALWAYS_AUTHENTICATE] { _ = try object.value(of: type) }
        }
        let key = try key("CPS_PRIV_AUT", session)
        for type in [CKA_MODULUS, CKA_PUBLIC_EXPONENT] { _ = try provider.object(session, key).value(of: type) }
        try sign(session, key)
    }

    private func keys(_ session: CK_SESSION_HANDLE) throws -> [CK_OBJECT_HANDLE] {
        try provider.findObjectsInit(
            session, [Attribute(type: CKA_CLASS, value: AttributeValue.number(CKO_PRIVATE_KEY))])
        let found = try provider.findObjects(session, count: 100)
        try provider.findObjectsFinal(session)
        return found
    }

    func logInAndSign(_ label: String) throws {
        let session = try logIn()
        try sign(session, key(label, session))
    }
}

extension [UInt8] {
    init(hexadecimal text: String) { self = Hexadecimal.decode(text) ?? [] }
}
