// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// Caches card files between insertions, so that they need not be read again: files that anyone may read and only the
/// issuer changes. CardCache stores them on disk; tests store them in memory.
///
/// A store may drop anything at any time. Its content is trusted no more than an answer of the card: it is parsed in
/// the same way, and every signature is verified on the host.
public protocol CardFileStore: AnyObject, Sendable {
    /// The cached files of the card in this state; nil if there are none, or if they are of another state.
    func record(of card: CardFingerprint) -> CardRecord?
    /// Adds files to the cache. Files of another state of the card are dropped.
    func add(_ record: CardRecord, of card: CardFingerprint)
    /// Removes the card's files.
    func forget(_ card: CardFingerprint)
}

/// Identifies a card and its last update. It is read from the card at each insertion and compared with the store.
public struct CardFingerprint: Hashable, Sendable {
    /// The card's name in the store: letters, digits and hyphens.
    public let name: String
    /// The bytes of the files that change with each update of the card by its issuer.
    public let state: [UInt8]

    /// For a CPS3: EF_ACTUA has its last update (cards.md §6.1).
    init(cps3 serialNumber: [UInt8], updateLog: [UInt8]) {
        name = "cps3-" + Hexadecimal.encode(serialNumber)
        state = serialNumber + updateLog
    }

    /// For a CPS4: the beginning of its authentication certificate, which contains the unique serial number of the
    /// certificate. That a field update brings a new certificate is an assumption until it is seen on a real card;
    /// for that reason the values of data objects are not cached (`CPSCard.cache`). TokenInfo would take as long to
    /// read, and the only known real TokenInfo has a date before the card's production (cards.md §9.2).
    /// - Returns: nil if the bytes are not the beginning of a certificate.
    init?(cps4 certificate: [UInt8]) {
        guard let number = X509Certificate.serialNumber(in: certificate), (4...20).contains(number.count) else {
            return nil
        }
        name = "cps4-" + Hexadecimal.encode(number)
        state = certificate
    }

    /// For a CPS4 whose certificate is not at its usual place: serial number and TokenInfo.
    init(cps4 serialNumber: [UInt8], tokenInfo: [UInt8]) {
        name = "cps4-" + Hexadecimal.encode(serialNumber)
        state = serialNumber + tokenInfo
    }

    /// For tests of stores.
    package init(name: String, state: [UInt8]) {
        self.name = name
        self.state = state
    }
}

/// The cached content of a card in one state.
public struct CardRecord: Sendable, Equatable {
    /// File contents by path. For a certificate it may be the first half only.
    public var files: [FilePath: [UInt8]]
    /// Whether the card has returned 256 bytes in one response.
    public var givesLongResponses: Bool

    /// Makes a record; without arguments, that of an unknown card.
    public init(files: [FilePath: [UInt8]] = [:], givesLongResponses: Bool = false) {
        self.files = files
        self.givesLongResponses = givesLongResponses
    }

    /// Adds another record of the same state. For a file in both, the other record's content is used.
    public mutating func merge(_ other: CardRecord) {
        files.merge(other.files) { _, new in new }
        givesLongResponses = givesLongResponses || other.givesLongResponses
    }
}

/// The cached content of the inserted card, and what is not in the store yet.
struct CachedFiles {
    let store: any CardFileStore
    let fingerprint: CardFingerprint
    private var known: CardRecord
    private var news = CardRecord()
    /// Whether a file was taken from the cache.
    private(set) var wasUsed = false

    init(_ store: any CardFileStore, _ fingerprint: CardFingerprint) {
        self.store = store
        self.fingerprint = fingerprint
        known = store.record(of: fingerprint) ?? CardRecord()
    }

    /// Programs write CPS_DATA, so it is never cached, whatever a directory says (cards.md §5.4).
    private static let changing: Set<FilePath> = [FilePath(0x0001, 0xD107), .updateLog]

    var givesLongResponses: Bool { known.givesLongResponses }

    subscript(path: FilePath) -> [UInt8]? {
        mutating get {
            // checked: a dictionary
            guard !CachedFiles.changing.contains(path), let file = known.files[path] else { return nil }
            wasUsed = true
            return file
        }
    }

    mutating func add(_ file: [UInt8], at path: FilePath) {
        guard !CachedFiles.changing.contains(path), known.files[path] != file else { return }  // checked: a dictionary
        known.files[path] = file  // checked: a dictionary
        news.files[path] = file  // checked: a dictionary
    }

    mutating func addLongResponses() {
        guard !known.givesLongResponses else { return }
        known.givesLongResponses = true
        news.givesLongResponses = true
    }

    /// Writes the new content to the store.
    mutating func save() {
        guard news != CardRecord() else { return }
        store.add(news, of: fingerprint)
        news = CardRecord()
    }
}
