// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import ISO7816
import SmartCardBytes

/// Who a card is, and where its directories are (cards.md §2).
extension CPSCard {
    /// Reads who the card is.
    /// - Throws: `CardError.notACPSCard` for a serial number of another issuer,
    ///   `.channel` when the card cannot be reached. What else cannot be read is
    ///   left out of the identity.
    public func readIdentity() throws(CardError) -> CardIdentity {
        defer { save() }
        return try whole { () throws(CardError) in
            let (serialNumber, update) = try recognize()
            knownSerialNumber = serialNumber
            let directory = try readObjectDirectory()
            let tokenInfo = try readTokenInfo()?.content
            let isComplete = tokenInfo != nil && directory.isIntact && update != .interrupted
            return CardIdentity(
                serialNumber: serialNumber, tokenInfo: tokenInfo, update: update, isComplete: isComplete,
                directory: directory.files)
        }
    }

    /// Whether the card in hand is the one with this serial number: asked of the card, never
    /// of memory, where the connection to it was lost in between.
    /// - Throws: `.channel` when the card cannot be reached.
    func isCard(_ known: SerialNumber) throws(CardError) -> Bool {
        let isSame = { (found: ([UInt8], SerialNumber)?) in found?.1 == known }
        return isSame(try reading({ () throws(CardError) in try serialNumberAfterSelection() }, isSound: isSame))
    }

    // MARK: Parts

    /// Reads from the card, never from memory, which card it is and when it was last
    /// updated; what is known of it from earlier may be used from then on.
    private func recognize() throws(CardError) -> (SerialNumber, CardIdentity.UpdateState) {
        memory = nil
        freshTokenInfo = nil
        if model == .cps4, store != nil { recall(try certificateStart().flatMap(CardFingerprint.init(cps4:))) }
        // checked: a dictionary
        if let known = memory?[.serialNumber], let serialNumber = try? SerialNumber(parsing: known) {
            return (serialNumber, .neverUpdated)
        }
        let (file, serialNumber) = try readSerialNumber()
        guard model == .cps3 else {
            if model == .cps4, store != nil, memory == nil, let (tokenInfo, content) = try readTokenInfo() {
                recall(CardFingerprint(cps4: file, tokenInfo: tokenInfo))
                freshTokenInfo = (tokenInfo, content)
            }
            memory?.remember(file, at: .serialNumber)
            return (serialNumber, .neverUpdated)
        }
        let (updateLog, update) = try readUpdateState()
        if update != .interrupted { recall(CardFingerprint(cps3: file, updateLog: updateLog)) }
        return (serialNumber, update)
    }

    /// The first bytes of a CPS4's authentication certificate, where it is on every known
    /// card (cards.md §2.12): its number is among them. nil when there is none.
    private func certificateStart() throws(CardError) -> [UInt8]? {
        try readable { () throws(CardError) in
            try commands.readFile(.authenticationCertificate, .bytes(CPSCard.certificateStartLength))
        }
    }

    private static let certificateStartLength = 64

    private func recall(_ fingerprint: CardFingerprint?) {
        guard let store, let fingerprint else { return }
        let memory = CardMemory(store, fingerprint)
        if memory.givesLongResponses { commands.exchange.useLongResponses() }
        self.memory = memory
    }

    /// The first file to be read: where it is not, another application is selected.
    private func readSerialNumber() throws(CardError) -> ([UInt8], SerialNumber) {
        guard let found = try serialNumberAfterSelection() else { throw .notACPSCard }
        return found
    }

    private func serialNumberAfterSelection() throws(CardError) -> ([UInt8], SerialNumber)? {
        if let found = try serialNumber() { return found }
        try commands.selectApplet()
        return try serialNumber()
    }

    /// nil when there is no such file, or something else in it.
    private func serialNumber() throws(CardError) -> ([UInt8], SerialNumber)? {
        do throws(CardError) {
            let file = try commands.readFile(.serialNumber, .bytes(SerialNumber.fileLength))
            return (file, try SerialNumber(parsing: file))
        } catch {
            switch error {
            case .status(.fileNotFound), .notACPSCard, .malformed: return nil
            default: throw error
            }
        }
    }

    private func readUpdateState() throws(CardError) -> ([UInt8], CardIdentity.UpdateState) {
        do throws(CardError) {
            let file = try commands.readFile(.updateLog, .firstElementOf(UpdateLog.length))
            return (file, .updated(try parse(file, with: UpdateLog.init(parsing:))))
        } catch {
            switch error {
            case .channel: throw error
            case .status(.fileNotFound): return ([], .neverUpdated)
            default: return ([], .interrupted)
            }
        }
    }

    /// What the card says about itself; on a CPS4 that was just recognized by it (and by
    /// its serial number), what it said then.
    private func readTokenInfo() throws(CardError) -> (file: [UInt8], content: TokenInfo)? {
        if let fresh = freshTokenInfo {
            freshTokenInfo = nil
            return fresh
        }
        let path = application.appending(0x5032)
        // checked: a dictionary
        if let known = memory?[path], let content = try? TokenInfo(parsing: known) { return (known, content) }
        let file = try readable { () throws(CardError) in
            let file = try commands.readFile(path, .firstElement)
            return (file: file, content: try parse(file, with: TokenInfo.init(parsing:)))
        }
        if let file { memory?.remember(file.file, at: path) }
        return file
    }

    /// EF.DIR is only asked for the application's path when it is not where it is
    /// on every known card.
    private func readObjectDirectory() throws(CardError) -> (files: ObjectDirectory, isIntact: Bool) {
        var directory = try readObjectDirectory(in: application)
        if directory == nil {
            let path = try readable { () throws(CardError) in
                let file = try commands.readFile(.directory, .elements)
                return ApplicationDirectory.path(of: commands.applicationIdentifier, in: file)
            }
            if let path = path ?? nil, path != application {
                knownApplication = path
                directory = try readObjectDirectory(in: path)
            }
        }
        if let directory, directory.isIntact { return (directory, true) }
        let standard = ObjectDirectory.standard(in: application, contactless: model == .cps3Contactless)
        return (directory?.completed(by: standard) ?? standard, false)
    }

    /// nil when there is no such file, or nothing in it.
    private func readObjectDirectory(in application: FilePath) throws(CardError) -> ObjectDirectory? {
        let path = application.appending(0x5031)
        if let known = memory?[path] {  // checked: a dictionary
            let directory = ObjectDirectory(parsing: known, application: application)
            if directory.isIntact, directory.isWhole { return directory }
        }
        guard let file = try readable({ () throws(CardError) in try commands.readFile(path, .elements) }) else {
            return nil
        }
        let directory = ObjectDirectory(parsing: file, application: application)
        if directory.isEmpty { return nil }
        if directory.isIntact, directory.isWhole { memory?.remember(file, at: path) }
        return directory
    }
}
