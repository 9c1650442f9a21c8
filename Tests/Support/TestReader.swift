// SPDX-License-Identifier: Apache-2.0

import Foundation
import ISO7816
import SmartCardBytes
import VirtualCPS

/// The cards that most tests run on.
public enum CardKind: String, CaseIterable, Sendable {
    case cps3 = "doctor-cps3"
    /// With T=1, unless a test says otherwise.
    case cps4 = "doctor-cps4"
    case contactless

    /// Those with a PIN.
    public static let contacts: [CardKind] = [.cps3, .cps4]

    /// The profile that ships with the project.
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

/// A reader of this process with a virtual card in it, and what tests ask of both.
public struct TestReader {
    /// How a file can be damaged, for tests that do not import VirtualCPS.
    public typealias Damage = FileDamage.Kind

    /// The only reader's name.
    public static let name = "Virtual Reader 00"

    /// The reader service, to be handed to what is tested.
    public let readers: InProcessReaders
    /// The card that is in the reader from the beginning.
    public let card: VirtualCard
    /// The card's private keys and certificates, to check signatures with.
    public let credentials: CardCredentials

    /// - Parameters:
    ///   - damage: what is wrong with which file, by paths such as `0001/7002`.
    ///   - options: what else is special about the card.
    ///   - change: makes another card of the profile.
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

    /// A test asks for what there is not.
    public enum TestError: Error {
        case path(String)
        case notHexadecimal(String)
    }

    // MARK: The trace

    /// The commands so far, in hexadecimal.
    public var commands: [String] { readers.commands }

    /// The commands that something sends.
    public func sent(by body: () throws -> Void) rethrows -> [String] {
        let before = readers.commands.count
        try body()
        return Array(readers.commands.dropFirst(before))
    }

    /// The commands so far that present the user's PIN or the unblocking code.
    public var presentations: [String] { commands.filter { $0.dropFirst(2).hasPrefix("2000") && $0.count > 10 } }

    /// The commands other than those with a code's instruction that contain these digits.
    public func commandsLeaking(_ code: String) -> [String] {
        let digits = Hexadecimal.encode(code.utf8)
        return commands.filter { !["20", "24", "2C"].contains($0.dropFirst(2).prefix(2)) && $0.contains(digits) }
    }

    // MARK: What happens to the card

    /// Makes something go wrong at the n-th command from now, 1 being the next.
    public func inject(_ fault: Fault, at number: Int = 1) {
        readers.inject(fault, atAPDU: number, in: TestReader.name)
    }

    /// Takes the card out, as a hand would between two commands.
    public func removeCard() { readers.removeCard(from: TestReader.name) }
    /// Puts the same card in; its PINs are not presented any more.
    public func insertCard() { readers.insert(card, into: TestReader.name) }
    /// Resets the card as another program may; connections learn of it.
    public func resetCard() { readers.resetCard(in: TestReader.name) }

    /// Whether the card gives a file behind the PIN to a program that knows none. The applet
    /// is selected only where it is not: its selection may end the login.
    public func cardIsOpen(_ kind: CardKind) throws -> Bool {
        let select = kind == .cps3 ? "00A4090C063F000001D120" : "01A40800040001D120"
        let read = kind == .cps3 ? "00B0000002" : "01B0000002"
        let neighbour = try neighbour()
        var answers = try neighbour.send(select, read)
        if kind == .cps4, answers[0] != "9000" {
            answers = Array(try neighbour.send("01A4040C088025000001FF0100", select, read).dropFirst())
        }
        return answers[1].hasSuffix("9000")
    }

    /// Another program with a connection of its own.
    public func neighbour() throws -> Neighbour { Neighbour(try readers.connect(to: TestReader.name)) }
}

/// Another program that uses the same card.
public final class Neighbour {
    private let channel: any CardChannel

    init(_ channel: any CardChannel) { self.channel = channel }

    /// Sends commands in one transaction; the answers in hexadecimal.
    @discardableResult
    public func send(_ commands: String...) throws -> [String] {
        _ = try channel.beginTransaction()
        defer { channel.endTransaction() }
        return try commands.map { command in
            guard let bytes = Hexadecimal.decode(command) else { throw TestReader.TestError.notHexadecimal(command) }
            return Hexadecimal.encode(try channel.transmit(bytes.span))
        }
    }

    /// Keeps the card for itself for the time of something else.
    public func holdingCard(_ body: () throws -> Void) throws {
        _ = try channel.beginTransaction()
        defer { channel.endTransaction() }
        try body()
    }

    /// Resets the card.
    public func reset() throws { try (channel as? InProcessChannel)?.reset() }
}

/// The bytes of hexadecimal text that is right.
public func hex(_ text: String) -> [UInt8] {
    guard let bytes = Hexadecimal.decode(text) else { preconditionFailure("not hexadecimal: \(text)") }
    return bytes
}

/// A code as a caller hands it in.
public func secret(_ text: String) -> SecretBytes { SecretBytes(Array(text.utf8)) }
