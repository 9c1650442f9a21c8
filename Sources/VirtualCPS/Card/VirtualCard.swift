// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import ISO7816
import Messages
import SmartCardBytes

/// One CPS card. It behaves as cards.md says, refuses what a real card would refuse, and
/// logs the reason.
///
/// Verified PINs are valid for the whole card until reset: selecting another directory or
/// application does not end that (INFERRED, cards.md §2.14, §3.5).
public final class VirtualCard: EmulatedCard {
    /// Options of a card besides its profile.
    public struct Options: Sendable {
        /// CPS4: an empty VERIFY returns the counter (63Cx) even if the PIN is
        /// verified. ISO/IEC 7816-4 says 9000, which the official library's
        /// 5.2.2 misreads (cards.md §3.3, §11).
        public var countsTriesWhenVerified = false
        /// CPS3: SELECT of a file with P2 = 0C is refused. No public trace of a real card
        /// shows that form (cards.md §9.2); with directories it is usual.
        public var refusesSilentFileSelection = false
        /// T=0: a file cannot be read before the response to its SELECT was fetched.
        public var wantsSelectionFetched = false
        /// CPS3: returning from the CPS2ter volet ends a login. Not known of real
        /// cards (cards.md §9.2).
        public var losesLoginInOldVolet = false
        /// CPS4: TokenInfo has no serial number, which PKCS#15 allows.
        public var hidesSerialNumber = false
        /// An answer to reset instead of the usual one; nil for the usual one.
        public var atr: [UInt8]?
        /// The card whose shape this one has; nil for what is usual on the generation.
        public var likeness: CardLikeness?
        /// Damaged files.
        public var damage: [FileDamage] = []

        /// A card like a real one, without damage.
        public init() {}
    }

    /// One of the answers to reset of cards.md §1.1, by generation and protocol.
    public let atr: [UInt8]
    /// Another answer to a reset without power-off; nil for the same.
    public let warmATR: [UInt8]?
    /// T=0 or T=1.
    public var transport: TransportProtocol { card.transport }
    /// The profile that the card was made from; current counters and PINs are in `state`.
    public let profile: CardProfile
    /// Called at each refusal, within `respond`.
    public var onLog: ((CardLogEntry) -> Void)?
    /// The newest refusals, at most `logLimit`.
    public private(set) var log: [CardLogEntry] = []
    /// The number of commands so far.
    public private(set) var commandCount = 0
    /// The number of RSA operations since the card was made.
    public var operationCount: Int { card.operationCount }

    private static let logLimit = 1000

    private enum Applications {
        case cps3(CPS3Applications)
        case cps4(CPS4Applications)
    }

    var card: CardEnvironment
    private var applications: Applications
    /// The data for GET RESPONSE, and the class of the command that produced it.
    private var pending: (cla: UInt8, data: [UInt8])?
    /// Whether a SELECT was answered by 61xx and its response not fetched.
    private var hasUnfetchedSelection = false

    /// Makes a card.
    /// - Parameter transport: nil for the protocol of the card's usual ATR: T=1 contactless, else
    ///   T=0, as in the only published ATR of a CPS4.
    /// - Throws: `VirtualCardError` if the card does not have this protocol, if credentials are
    ///   missing, or if the PIN or the damage does not fit the card.
    public init(
        profile: CardProfile, credentials: CardCredentials, transport: TransportProtocol? = nil,
        options: Options = Options()
    ) throws(VirtualCardError) {
        let profile = options.likeness?.applied(to: profile) ?? profile
        let transport = transport ?? options.likeness?.transport ?? (profile.generation == .cps3Contactless ? .t1 : .t0)
        guard let atr = VirtualCard.atr(profile.generation, transport) else {
            throw VirtualCardError(
                Message(
                    "a \(profile.generation.rawValue) card does not speak this protocol",
                    fr: "une carte \(profile.generation.rawValue) ne parle pas ce protocole"))
        }
        for key in CardKey.keys(of: profile.generation)
        where credentials.keys[key] == nil || credentials.certificates[key] == nil {
            throw VirtualCardError(
                Message(
                    "the \(key.rawValue) key or certificate of card \(profile.serial) is missing",
                    fr: "la clé ou le certificat « \(key.rawValue) » de la carte \(profile.serial) manque"))
        }
        guard profile.pinBlock.lengths.contains(profile.pin.value.utf8.count) else {
            throw VirtualCardError(
                Message(
                    "the PIN of card \(profile.serial) has too many digits for a padded block",
                    fr: "le code porteur de la carte \(profile.serial) a trop de chiffres pour un bloc complété"))
        }
        let contents = VirtualCardContents(
            profile: profile, certificates: credentials.certificates, hidesSerialNumber: options.hidesSerialNumber)
        var files = contents.tree
        try options.likeness?.apply(to: &files, profile: profile, own: contents.objectPaths)
        for damage in options.damage where !damage.apply(to: &files) {
            throw VirtualCardError(
                Message("the card has no file \(damage.path)", fr: "la carte n'a pas de fichier \(damage.path)"))
        }
        self.atr = options.atr ?? options.likeness?.atr ?? atr
        warmATR = options.atr == nil ? options.likeness?.warmATR : nil
        self.profile = profile
        card = CardEnvironment(
            generation: profile.generation, transport: transport, files: files, oldFiles: contents.oldTree,
            pins: PINs(profile), keys: credentials.keys, options: options)
        if options.likeness?.wantsSelectionFetched == true { card.options.wantsSelectionFetched = true }
        applications = profile.generation == .cps4 ? .cps4(CPS4Applications()) : .cps3(CPS3Applications())
    }

    /// What the data objects contain, for tests that look for it elsewhere.
    public var dataContents: [[UInt8]] {
        let objects =
            VirtualDataObject.common(profile) + VirtualDataObject.activities(profile) + VirtualDataObject.old(profile)
        return objects.map(\.value)
    }

    /// The files of a card that is like another one which its report does not tell of; empty for other cards.
    public var pathsFromGeneration: [String] {
        guard let likeness = card.options.likeness else { return [] }
        let own = card.files.paths.filter { likeness.files[$0] == nil }.map(\.description)
        let old = (card.oldFiles?.paths ?? []).filter { $0 != .root }.map { "CPS2ter \($0)" }
        return own + old
    }

    /// The ATRs of cards.md §1.1: #1, #2, #4, and #5 for T=0 alone on CPS4.
    static func atr(_ generation: CardGeneration, _ transport: TransportProtocol) -> [UInt8]? {
        let text: String
        switch (generation, transport) {
        case (.cps3, .t0): text = "3B AC 00 40 2A 00 12 25 00 64 80 00 03 10 00 90 00"
        case (.cps3Contactless, .t1): text = "3B 8F 80 01 00 31 B8 64 04 B0 EC C1 73 94 01 80 82 90 00 0E"
        case (.cps4, .t1): text = "3B 9B 18 80 01 00 12 25 00 64 80 04 01 00 00 90 44"
        case (.cps4, .t0): text = "3B DC 18 FF 00 00 12 25 00 64 80 00 04 01 00 90 00"
        case (.cps3, .t1), (.cps3Contactless, .t0): return nil
        }
        return Hexadecimal.decode(text)
    }

    /// Clears selections, presented PINs and logical channels; counters and files stay.
    public func reset() {
        pending = nil
        hasUnfetchedSelection = false
        card.pins.forget()
        applications = profile.generation == .cps4 ? .cps4(CPS4Applications()) : .cps3(CPS3Applications())
    }

    /// Answers one command APDU. Never fails: a refusal is a status word and a line in the log.
    public func respond(to bytes: [UInt8]) -> [UInt8] {
        commandCount += 1
        do {
            return try answer(bytes)
        } catch {
            let entry = CardLogEntry(
                command: commandCount, header: Array(bytes.prefix(4)), status: error.status, reason: error.reason)
            if log.count >= VirtualCard.logLimit { log.removeFirst() }
            log.append(entry)
            onLog?(entry)
            return [error.status.sw1, error.status.sw2]
        }
    }

    private func answer(_ bytes: [UInt8]) throws(Refusal) -> [UInt8] {
        let waiting = pending
        pending = nil
        var command = try CardCommand(bytes, transport)
        if let likeness = card.options.likeness { command = likeness.references.inner(command) }
        if command.ins == 0xC0, let waiting, waiting.cla == command.cla { return try getResponse(command, waiting) }
        if card.options.wantsSelectionFetched, hasUnfetchedSelection, command.ins == 0xB0 {
            throw Refusal(.conditionsOfUseNotSatisfied, "the answer to SELECT was not fetched")
        }
        if command.ins == 0xA4 { hasUnfetchedSelection = false }
        let answer: CardAnswer
        switch applications {
        case .cps3(var applets):
            defer { applications = .cps3(applets) }
            answer = try applets.respond(command, &card)
        case .cps4(var applets):
            defer { applications = .cps4(applets) }
            answer = try applets.respond(command, &card)
        }
        switch answer {
        case .done: return [0x90, 0x00]
        case .status(let status): return [status.sw1, status.sw2]
        case .direct(let data, let status): return data + [status.sw1, status.sw2]
        case .response(let data): return deliver(data, to: command)
        }
    }

    /// Returns response data at once, or announces it by 61xx.
    private func deliver(_ data: [UInt8], to command: CardCommand) -> [UInt8] {
        guard transport == .t1 else {
            guard !data.isEmpty else { return [0x90, 0x00] }
            pending = (command.cla, data)
            if command.ins == 0xA4 { hasUnfetchedSelection = true }
            return [0x61, UInt8(truncatingIfNeeded: min(data.count, 256))]
        }
        // Without Le the host expects no response data.
        guard let expected = command.expectedLength else { return [0x90, 0x00] }
        return cut(data, expected, command.cla)
    }

    private func cut(_ data: [UInt8], _ expected: Int, _ cla: UInt8) -> [UInt8] {
        let rest = data.dropFirst(expected)
        guard !rest.isEmpty else { return data + [0x90, 0x00] }
        pending = (cla, Array(rest))
        return data.prefix(expected) + [0x61, UInt8(truncatingIfNeeded: min(rest.count, 256))]
    }

    private func getResponse(
        _ command: CardCommand, _ waiting: (cla: UInt8, data: [UInt8])
    ) throws(Refusal) -> [UInt8] {
        guard command.parameters == 0 else {
            throw Refusal(.incorrectParameters, "P1 P2 of GET RESPONSE must be 00 00")
        }
        guard command.data.isEmpty, let expected = command.expectedLength else {
            throw Refusal(.wrongLength, "GET RESPONSE has an Le and no data")
        }
        if transport == .t0, expected > waiting.data.count {
            pending = waiting
            throw Refusal(
                StatusWord(0x6C, UInt8(truncatingIfNeeded: waiting.data.count)),
                "Le \(expected), but \(waiting.data.count) bytes are waiting")
        }
        hasUnfetchedSelection = false
        return cut(waiting.data, expected, waiting.cla)
    }
}
