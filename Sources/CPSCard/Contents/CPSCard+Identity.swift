// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import ISO7816
import SmartCardBytes

/// Which card it is, and where its directories are (cards.md §2).
extension CPSCard {
    /// Reads which card it is.
    /// - Throws: `CardError.notACPSCard` for a serial number of another issuer, `.channel` if the card cannot be
    ///   reached. Anything else that cannot be read is missing from the identity.
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

    /// Whether this is the card with this serial number. Used after a lost connection, so the number is read from the
    /// card, never from the cache.
    /// - Throws: `.channel` if the card cannot be reached.
    func isCard(_ known: SerialNumber) throws(CardError) -> Bool {
        let isSame = { (found: ([UInt8], SerialNumber)?) in found?.1 == known }
        return isSame(try reading({ () throws(CardError) in try serialNumberAfterSelection() }, isSound: isSame))
    }

    // MARK: Parts

    /// Reads from the card, never from the cache, which card it is and its last update. Its cached files may be used
    /// from then on.
    private func recognize() throws(CardError) -> (SerialNumber, CardIdentity.UpdateState) {
        cached = nil
        freshTokenInfo = nil
        if model == .cps4, store != nil { recall(try certificateStart().flatMap(CardFingerprint.init(cps4:))) }
        // checked: a dictionary
        if let known = cached?[.serialNumber], let serialNumber = try? SerialNumber(parsing: known) {
            return (serialNumber, .neverUpdated)
        }
        let (file, serialNumber) = try readSerialNumber()
        guard model == .cps3 else {
            if model == .cps4, store != nil, cached == nil, let (tokenInfo, content) = try readTokenInfo() {
                recall(CardFingerprint(cps4: file, tokenInfo: tokenInfo))
                freshTokenInfo = (tokenInfo, content)
            }
            cached?.add(file, at: .serialNumber)
            return (serialNumber, .neverUpdated)
        }
        let (updateLog, update) = try readUpdateState()
        if update != .interrupted { recall(CardFingerprint(cps3: file, updateLog: updateLog)) }
        return (serialNumber, update)
    }

    /// The first bytes of a CPS4's authentication certificate, at its place on every known card (cards.md §2.12); nil
    /// if there is none. They contain its serial number.
    private func certificateStart() throws(CardError) -> [UInt8]? {
        try readable { () throws(CardError) in
            try commands.readFile(.authenticationCertificate, .bytes(CPSCard.certificateStartLength))
        }
    }

    private static let certificateStartLength = 64

    private func recall(_ fingerprint: CardFingerprint?) {
        guard let store, let fingerprint else { return }
        let cached = CachedFiles(store, fingerprint)
        if cached.givesLongResponses { commands.exchange.useLongResponses() }
        self.cached = cached
    }

    /// Reads the first file. If it is missing, another application is selected.
    private func readSerialNumber() throws(CardError) -> ([UInt8], SerialNumber) {
        guard let found = try serialNumberAfterSelection() else { throw .notACPSCard }
        return found
    }

    private func serialNumberAfterSelection() throws(CardError) -> ([UInt8], SerialNumber)? {
        if let found = try serialNumber() { return found }
        try commands.selectApplet()
        return try serialNumber()
    }

    /// nil if the file is missing or malformed.
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

    /// Reads EF.TokenInfo. If it has just been read to identify a CPS4, that result is used.
    private func readTokenInfo() throws(CardError) -> (file: [UInt8], content: TokenInfo)? {
        if let fresh = freshTokenInfo {
            freshTokenInfo = nil
            return fresh
        }
        let path = application.appending(0x5032)
        // checked: a dictionary
        if let known = cached?[path], let content = try? TokenInfo(parsing: known) { return (known, content) }
        let file = try readable { () throws(CardError) in
            let file = try commands.readFile(path, .firstElement)
            return (file: file, content: try parse(file, with: TokenInfo.init(parsing:)))
        }
        if let file { cached?.add(file.file, at: path) }
        return file
    }

    /// EF.DIR is read only if the application is not at its path on every known card.
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

    /// nil if the file is missing or empty.
    private func readObjectDirectory(in application: FilePath) throws(CardError) -> ObjectDirectory? {
        let path = application.appending(0x5031)
        if let known = cached?[path] {  // checked: a dictionary
            let directory = ObjectDirectory(parsing: known, application: application)
            if directory.isIntact, directory.isWhole { return directory }
        }
        guard let file = try readable({ () throws(CardError) in try commands.readFile(path, .elements) }) else {
            return nil
        }
        let directory = ObjectDirectory(parsing: file, application: application)
        if directory.isEmpty { return nil }
        if directory.isIntact, directory.isWhole { cached?.add(file, at: path) }
        return directory
    }
}
