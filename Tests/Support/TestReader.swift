// SPDX-License-Identifier: Apache-2.0

import Foundation
import ISO7816
import SmartCardBytes
import VirtualCPS

/// The cards of most tests.
public enum CardKind: String, CaseIterable, Sendable {
    case cps3 = "doctor-cps3"
    /// With T=1, unless a test says otherwise.
    case cps4 = "doctor-cps4"
    case contactless

    /// The cards with a PIN.
    public static let contacts: [CardKind] = [.cps3, .cps4]

    /// The project's profile for this card.
    public var profile: CardProfile {
        get throws {
            let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            return try CardProfile(
                parsing: Array(
                    Data(contentsOf: root.appendingPathComponent("Sources/cps-virtual-card/Profiles/\(rawValue).json")))
            )
        }
    }
}

/// A reader in this process with a virtual card, and what tests do with both.
public struct TestReader {
    /// How a file can be damaged, for tests that do not import VirtualCPS.
    public typealias Damage = FileDamage.Kind

    /// The only reader's name.
    public static let name = "Virtual Reader 00"

    /// The reader service, to pass to the code under test.
    public let readers: InProcessReaders
    /// The card that is in the reader at the start.
    public let card: VirtualCard
    /// The card's private keys and certificates, to check signatures with.
    public let credentials: CardCredentials

    /// - Parameters:
    ///   - damage: the damage of files, by paths such as `0001/7002`.
    ///   - options: other properties of the card.
    ///   - change: changes the profile first.
    public init(
        _ kind: CardKind = .cps3, transport: TransportProtocol? = nil, damage: [String: FileDamage.Kind] = [:],
        options: VirtualCard.Options = .init(), change: (inout CardProfile) -> Void = { _ in }
    ) throws {
        readers = InProcessReaders([TestReader.name])
        var profile = try kind.profile
        change(&profile)
        credentials = try CardCredentials.selfSigned(for: profile)
        var options = options
        for (text, kind) in damage {
            guard let path = VirtualFilePath(parsing: text) else { throw TestError.path(text) }
            options.damage.append(FileDamage(path: path, kind: kind))
        }
        let transport = transport ?? (kind == .cps4 && profile.generation == .cps4 ? .t1 : nil)
        card = try VirtualCard(profile: profile, credentials: credentials, transport: transport, options: options)
        readers.insert(card, into: TestReader.name)
    }

    /// A test asks for something that does not exist.
    public enum TestError: Error {
        case path(String)
        case notHexadecimal(String)
    }

    // MARK: The trace

    /// The commands so far, in hexadecimal.
    public var commands: [String] { readers.commands }

    /// The commands that `body` sends.
    public func sent(by body: () throws -> Void) rethrows -> [String] {
        let before = readers.commands.count
        try body()
        return Array(readers.commands.dropFirst(before))
    }

    /// The commands so far that present the PIN or the PUK.
    public var presentations: [String] { commands.filter { $0.dropFirst(2).hasPrefix("2000") && $0.count > 10 } }

    /// The commands that contain these digits, except PIN commands.
    public func commandsLeaking(_ code: String) -> [String] {
        let digits = Hexadecimal.encode(code.utf8)
        return commands.filter { !["20", "24", "2C"].contains($0.dropFirst(2).prefix(2)) && $0.contains(digits) }
    }

    // MARK: What happens to the card

    /// Injects a fault at the n-th command from now; 1 is the next.
    public func inject(_ fault: Fault, at number: Int = 1) {
        readers.inject(fault, atAPDU: number, in: TestReader.name)
    }

    /// Removes the card between two commands.
    public func removeCard() { readers.removeCard(from: TestReader.name) }
    /// Inserts the same card; its PINs are no longer presented.
    public func insertCard() { readers.insert(card, into: TestReader.name) }
    /// Resets the card like another program; connections notice it.
    public func resetCard() { readers.resetCard(in: TestReader.name) }

    /// Whether the card returns a PIN-protected file to another program without a PIN. Selects
    /// the applet only if it is not selected: selecting it may end the login.
    public func cardIsOpen(_ kind: CardKind) throws -> Bool {
        let select = kind == .cps3 ? "00A4090C063F000001D120" : "01A40800040001D120"
        let read = kind == .cps3 ? "00B0000002" : "01B0000002"
        let otherProgram = try otherProgram()
        var answers = try otherProgram.send(select, read)
        if kind == .cps4, answers[0] != "9000" {
            answers = Array(try otherProgram.send("01A4040C088025000001FF0100", select, read).dropFirst())
        }
        return answers[1].hasSuffix("9000")
    }

    /// Another program with a connection of its own.
    public func otherProgram() throws -> OtherProgram { OtherProgram(try readers.connect(to: TestReader.name)) }
}

/// Another program that uses the same card.
public final class OtherProgram {
    private let channel: any CardChannel

    /// Takes a connection of its own.
    public init(_ channel: any CardChannel) { self.channel = channel }

    /// Sends commands in one transaction; returns the responses in hexadecimal.
    @discardableResult
    public func send(_ commands: String...) throws -> [String] {
        _ = try channel.beginTransaction()
        defer { channel.endTransaction() }
        return try commands.map { command in
            guard let bytes = Hexadecimal.decode(command) else { throw TestReader.TestError.notHexadecimal(command) }
            return Hexadecimal.encode(try channel.transmit(bytes.span))
        }
    }

    /// Runs `body` while this program holds the card in a transaction.
    public func holdingCard(_ body: () throws -> Void) throws {
        _ = try channel.beginTransaction()
        defer { channel.endTransaction() }
        try body()
    }

    /// Resets the card.
    public func reset() throws { try (channel as? InProcessChannel)?.reset() }
}

/// The bytes of valid hexadecimal text.
public func hex(_ text: String) -> [UInt8] {
    guard let bytes = Hexadecimal.decode(text) else { preconditionFailure("not hexadecimal: \(text)") }
    return bytes
}

/// A PIN as a caller passes it.
public func secret(_ text: String) -> SecretBytes { SecretBytes(Array(text.utf8)) }
