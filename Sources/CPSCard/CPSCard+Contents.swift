import HostCryptography
import ISO7816
import SmartCardBytes

/// Who this card is: what C_GetTokenInfo tells.
public struct CardIdentity: CardContents, Sendable, Equatable {
    public var serialNumber: SerialNumber
    /// nil when the file cannot be read or understood.
    public var tokenInfo: TokenInfo?
    public var update: UpdateState
    /// Whether all of it could be read.
    public var isComplete: Bool
    var directory: ObjectDirectory

    /// What EF_ACTUA says about updates of the card's content (cards.md §6.1).
    public enum UpdateState: Sendable, Equatable {
        case neverUpdated
        case updated(UpdateLog)
        /// An update was begun and not finished: the card must not be used.
        case interrupted
    }

    public static func == (left: CardIdentity, right: CardIdentity) -> Bool {
        left.serialNumber == right.serialNumber && left.tokenInfo == right.tokenInfo
            && left.update == right.update
    }
}

/// The codes of a card.
public struct CardCodes: CardContents, Sendable, Equatable {
    /// The user's PIN; nil on a contactless card.
    public var userPIN: PINObject?
    /// The unblocking code.
    public var unblockingPIN: PINObject?
    public var isComplete = true
}

/// What directories of the card hold: entries, without values.
public protocol CardContents {
    /// Whether every directory could be read and every entry understood.
    var isComplete: Bool { get }
}

/// The keys and certificates of a card.
public struct CardKeysAndCertificates: CardContents, Sendable {
    public var privateKeys: [KeyObject] = []
    /// Those that a directory announces; nil when that was not read.
    public var publicKeys: [KeyObject]?
    public var certificates: [CertificateObject] = []
    public var isComplete = true
}

/// The data objects of a card, on a CPS3 those of the CPS2ter volet among them.
public struct CardDataObjects: CardContents, Sendable {
    public var objects: [DataObject] = []
    public var isComplete = true
}

extension CPSCard {
    /// Reads who the card is.
    /// - Throws: `CardError.notACPSCard` for a serial number of another issuer,
    ///   `.channel` when the card cannot be reached. What else cannot be read is
    ///   left out of the identity.
    public func readIdentity() throws(CardError) -> CardIdentity {
        defer { save() }
        return try whole { () throws(CardError) in
            let (serialNumber, update) = try recognize()
            let directory = try readObjectDirectory()
            let tokenInfo = try readTokenInfo()?.content
            let isComplete = tokenInfo != nil && directory.isIntact && update != .interrupted
            return CardIdentity(
                serialNumber: serialNumber, tokenInfo: tokenInfo, update: update, isComplete: isComplete,
                directory: directory.files)
        }
    }

    /// Whether the card in hand is the one of this identity: asked of the card, never
    /// of memory, where the connection to it was lost in between.
    /// - Throws: `.channel` when the card cannot be reached.
    public func isCard(of identity: CardIdentity) throws(CardError) -> Bool {
        let isSame = { (found: ([UInt8], SerialNumber)?) in found?.1 == identity.serialNumber }
        return isSame(try reading({ () throws(CardError) in try serialNumberAfterSelection() }, isSound: isSame))
    }

    /// Reads the directory of codes.
    /// - Throws: as `readKeysAndCertificates`.
    public func readCodes(of identity: CardIdentity) throws(CardError) -> CardCodes {
        defer { save() }
        return try whole { () throws(CardError) in
            let application = application
            var codes = CardCodes()
            let pins = try readDirectories(
                identity.directory.authenticationObjects, isComplete: &codes.isComplete
            ) { (element) throws(MalformedBytes) in try PINObject(element, application: application) }
            codes.userPIN = pins.first { !$0.isSecurityOfficerPIN && !$0.isUnblockingPIN }
            codes.unblockingPIN =
                pins.first { $0.isSecurityOfficerPIN }
                ?? pins.first { $0.identifier == codes.userPIN?.unblockingIdentifier }
            return codes
        }
    }

    /// Reads the directories of private keys and certificates.
    /// - Throws: `CardError.channel` when the card cannot be reached. A directory
    ///   or entry that cannot be understood does not take the others with it.
    public func readKeysAndCertificates(of identity: CardIdentity) throws(CardError) -> CardKeysAndCertificates {
        defer { save() }
        return try whole { () throws(CardError) in
            let application = application
            let key = { (element: BERTLV) throws(MalformedBytes) in try KeyObject(element, application: application) }
            var contents = CardKeysAndCertificates()
            contents.privateKeys = try readDirectories(
                identity.directory.privateKeys, isComplete: &contents.isComplete, as: key)
            contents.certificates = try readDirectories(
                identity.directory.certificates, isComplete: &contents.isComplete
            ) { (element) throws(MalformedBytes) in try CertificateObject(element, application: application) }
            return contents
        }
    }

    /// Reads the directory of public keys.
    /// - Throws: as `readKeysAndCertificates`.
    public func readPublicKeys(
        of identity: CardIdentity, besides contents: CardKeysAndCertificates
    ) throws(CardError) -> CardKeysAndCertificates {
        defer { save() }
        return try whole { () throws(CardError) in
            let application = application
            var contents = contents
            contents.isComplete = true
            contents.publicKeys = try readDirectories(
                identity.directory.publicKeys, isComplete: &contents.isComplete, mayBeEmpty: model != .cps4
            ) { (element) throws(MalformedBytes) in try KeyObject(element, application: application) }
            return contents
        }
    }

    /// Reads the directory of data objects.
    /// - Throws: as `readKeysAndCertificates`.
    public func readDataObjects(of identity: CardIdentity) throws(CardError) -> CardDataObjects {
        defer { save() }
        return try whole { () throws(CardError) in
            let application = application
            var contents = CardDataObjects()
            contents.objects = try readDirectories(
                identity.directory.dataObjects, isComplete: &contents.isComplete
            ) { (element) throws(MalformedBytes) in try DataObject(element, application: application) }
            contents.objects.removeAll { $0.place == .application(.file(.updateLog, offset: 0, count: nil)) }
            if model == .cps3 { contents.objects += DataObject.cps2terObjects(besides: contents.objects) }
            return contents
        }
    }

    /// Reads once more what had gaps, before the gaps are believed.
    private func whole<Contents: CardContents>(
        _ read: () throws(CardError) -> Contents
    ) throws(CardError) -> Contents {
        try reading(read, isSound: \.isComplete)
    }

    // MARK: Parts of the identity

    /// Reads from the card, never from memory, which card it is and when it was last
    /// updated; what is known of it from earlier may be used from then on.
    private func recognize() throws(CardError) -> (SerialNumber, CardIdentity.UpdateState) {
        memory = nil
        freshTokenInfo = nil
        if model == .cps4, store != nil, let (file, tokenInfo) = try readTokenInfo() {
            recall(CardFingerprint(cps4: file, tokenInfo))
            freshTokenInfo = (file, tokenInfo)
        }
        if let known = memory?[.serialNumber], let serialNumber = try? SerialNumber(parsing: known) {
            return (serialNumber, .neverUpdated)
        }
        let (file, serialNumber) = try readSerialNumber()
        guard model == .cps3 else {
            memory?.remember(file, at: .serialNumber)
            return (serialNumber, .neverUpdated)
        }
        let (updateLog, update) = try readUpdateState()
        if update != .interrupted { recall(CardFingerprint(cps3: file, updateLog: updateLog)) }
        return (serialNumber, update)
    }

    private func recall(_ fingerprint: CardFingerprint?) {
        guard let store, let fingerprint else { return }
        let memory = CardMemory(store, fingerprint)
        if memory.givesLongResponses { commands.exchange.useLongResponses() }
        self.memory = memory
    }

    /// Keeps what was read.
    func save() {
        if commands.exchange.hasLongResponses { memory?.rememberLongResponses() }
        memory?.save()
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

    /// What the card says about itself; on a CPS4 that was just recognized by it,
    /// what it said then.
    private func readTokenInfo() throws(CardError) -> (file: [UInt8], content: TokenInfo)? {
        if let fresh = freshTokenInfo {
            freshTokenInfo = nil
            return fresh
        }
        let path = application.appending(0x5032)
        if let known = memory?[path], let content = try? TokenInfo(parsing: known) { return (known, content) }
        let file = try readable { () throws(CardError) in
            let file = try commands.readFile(path, .firstElement)
            return (file: file, content: try parse(file, with: TokenInfo.init(parsing:)))
        }
        if let file, model == .cps3 { memory?.remember(file.file, at: path) }
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
        if let known = memory?[path] {
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

    // MARK: Reading with tolerance

    /// The result of reading something that the card may do without: nil when the
    /// card refuses or what it has cannot be understood.
    private func readable<Value>(_ read: () throws(CardError) -> Value) throws(CardError) -> Value? {
        do throws(CardError) {
            return try read()
        } catch {
            if case .channel = error { throw error }
            if error.saysApplicationLost, !isSecondAttempt { throw error }
            return nil
        }
    }

    /// Decodes directory files, known ones and others. An empty one counts as a gap,
    /// unless cards have such ones: it may be a garbled answer.
    private func readDirectories<Object>(
        _ paths: [FilePath], isComplete: inout Bool, mayBeEmpty: Bool = false,
        as make: (BERTLV) throws(MalformedBytes) -> Object
    ) throws(CardError) -> [Object] {
        var all: [Object] = []
        for path in paths {
            if let known = memory?[path] {
                let (objects, isIntact) = PKCS15Directory.decode(known, as: make)
                if isIntact, mayBeEmpty || !objects.isEmpty {
                    all += objects
                    continue
                }
            }
            let file = try readable { () throws(CardError) in try commands.readFile(path, .elements) }
            let (objects, isIntact) = file.map { PKCS15Directory.decode($0, as: make) } ?? ([], false)
            all += objects
            guard isIntact, mayBeEmpty || !objects.isEmpty else {
                isComplete = false
                continue
            }
            if let file { memory?.remember(file, at: path) }
        }
        return all
    }

    private func parse<Value>(
        _ file: [UInt8], with make: ([UInt8]) throws(MalformedBytes) -> Value
    ) throws(CardError) -> Value {
        do throws(MalformedBytes) {
            return try make(file)
        } catch {
            throw .malformed(error)
        }
    }
}
