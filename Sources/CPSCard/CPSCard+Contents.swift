import HostCryptography
import ISO7816
import SmartCardBytes

/// Who this card is: what C_GetTokenInfo tells.
public struct CardIdentity: Sendable, Equatable {
    public var serialNumber: SerialNumber
    /// nil when the file cannot be read or understood.
    public var tokenInfo: TokenInfo?
    /// The user's PIN; nil on a contactless card.
    public var userPIN: PINObject?
    /// The unblocking code.
    public var unblockingPIN: PINObject?
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
            && left.userPIN == right.userPIN && left.unblockingPIN == right.unblockingPIN
            && left.update == right.update
    }
}

/// What is on the card: the entries of its directories, without values.
public struct CardContents: Sendable {
    public var privateKeys: [KeyObject] = []
    public var publicKeys: [KeyObject] = []
    public var certificates: [CertificateObject] = []
    public var dataObjects: [DataObject] = []
    /// Whether every directory could be read and every entry understood.
    public var isComplete = true
}

extension CPSCard {
    /// Reads who the card is.
    /// - Throws: `CardError.notACPSCard` for a serial number of another issuer,
    ///   `.channel` when the card cannot be reached. What else cannot be read is
    ///   left out of the identity.
    public func readIdentity() throws(CardError) -> CardIdentity {
        try transaction { () throws(CardError) in
            let serialNumber = try readSerialNumber()
            knownApplication = try readable { () throws(CardError) in
                try ApplicationDirectory.path(of: commands.applicationIdentifier, in: commands.readFile(.directory))
            } ?? nil
            let update = try readUpdateState()
            let directory = try readObjectDirectory()
            let tokenInfo = try readable { () throws(CardError) in
                try parse(commands.readFile(application.appending(0x5032)), with: TokenInfo.init(parsing:))
            }
            var pins: [PINObject] = []
            var isComplete = tokenInfo != nil && directory.isIntact
            for path in directory.files.authenticationObjects {
                let (found, isIntact) = try readDirectory(path) { (element) throws(MalformedBytes) in
                    try PINObject(element, application: application)
                }
                pins += found
                isComplete = isComplete && isIntact
            }
            let userPIN = pins.first { !$0.isSecurityOfficerPIN && !$0.isUnblockingPIN }
            return CardIdentity(
                serialNumber: serialNumber, tokenInfo: tokenInfo, userPIN: userPIN,
                unblockingPIN: pins.first { $0.isSecurityOfficerPIN }
                    ?? pins.first { $0.identifier == userPIN?.unblockingIdentifier },
                update: update, isComplete: isComplete, directory: directory.files)
        }
    }

    /// Reads the directories of keys, certificates and data objects.
    /// - Throws: `CardError.channel` when the card cannot be reached. A directory
    ///   or entry that cannot be understood does not take the others with it.
    public func readContents(of identity: CardIdentity) throws(CardError) -> CardContents {
        try transaction { () throws(CardError) in
            let application = application
            var contents = CardContents()
            let key = { (element: BERTLV) throws(MalformedBytes) in try KeyObject(element, application: application) }
            contents.privateKeys = try readDirectories(identity.directory.privateKeys, into: &contents, as: key)
            contents.publicKeys = try readDirectories(identity.directory.publicKeys, into: &contents, as: key)
            contents.certificates = try readDirectories(identity.directory.certificates, into: &contents) {
                (element) throws(MalformedBytes) in try CertificateObject(element, application: application)
            }
            contents.dataObjects = try readDirectories(identity.directory.dataObjects, into: &contents) {
                (element) throws(MalformedBytes) in try DataObject(element, application: application)
            }
            contents.dataObjects.removeAll { $0.place == .application(.file(.updateLog, offset: 0, count: nil)) }
            if model == .cps3 { contents.dataObjects += DataObject.cps2terObjects(besides: contents.dataObjects) }
            return contents
        }
    }

    // MARK: Parts of the identity

    /// The first file to be read: where it is not, another application is selected.
    private func readSerialNumber() throws(CardError) -> SerialNumber {
        do throws(CardError) {
            return try SerialNumber(parsing: commands.readFile(.serialNumber))
        } catch where error == .status(.fileNotFound) || error == .notACPSCard {
            try commands.selectApplet()
            do throws(CardError) {
                return try SerialNumber(parsing: commands.readFile(.serialNumber))
            } catch where error == .status(.fileNotFound) {
                throw .notACPSCard
            }
        }
    }

    private func readUpdateState() throws(CardError) -> CardIdentity.UpdateState {
        guard model == .cps3 else { return .neverUpdated }
        do throws(CardError) {
            return .updated(try parse(commands.readFile(.updateLog), with: UpdateLog.init(parsing:)))
        } catch {
            switch error {
            case .channel: throw error
            case .status(.fileNotFound): return .neverUpdated
            default: return .interrupted
            }
        }
    }

    private func readObjectDirectory() throws(CardError) -> (files: ObjectDirectory, isIntact: Bool) {
        let application = application
        let directory = try readable { () throws(CardError) in
            ObjectDirectory(parsing: try commands.readFile(application.appending(0x5031)), application: application)
        }
        if let directory, !directory.isEmpty { return (directory, true) }
        return (.standard(in: application, contactless: model == .cps3Contactless), false)
    }

    // MARK: Reading with tolerance

    /// The result of reading something that the card may do without: nil when the
    /// card refuses or what it has cannot be understood.
    private func readable<Value>(_ read: () throws(CardError) -> Value) throws(CardError) -> Value? {
        do throws(CardError) {
            return try read()
        } catch {
            if case .channel = error { throw error }
            if error.saysApplicationLost { throw error }
            return nil
        }
    }

    private func readDirectory<Object>(
        _ path: FilePath, as make: (BERTLV) throws(MalformedBytes) -> Object
    ) throws(CardError) -> (objects: [Object], isIntact: Bool) {
        guard let file = try readable({ () throws(CardError) in try commands.readFile(path) }) else { return ([], false) }
        return PKCS15Directory.decode(file, as: make)
    }

    private func readDirectories<Object>(
        _ paths: [FilePath], into contents: inout CardContents, as make: (BERTLV) throws(MalformedBytes) -> Object
    ) throws(CardError) -> [Object] {
        var all: [Object] = []
        for path in paths {
            let (objects, isIntact) = try readDirectory(path, as: make)
            all += objects
            if !isIntact { contents.isComplete = false }
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
