// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// What is kept of cards between two insertions, so that it need not be read from
/// them again: files that everyone may read and nobody changes but the issuer.
/// CardCache keeps them on disk; tests keep them in memory, or not at all.
///
/// A store may forget anything at any time, and what it gives back is not trusted
/// more than an answer of the card: it is parsed in the same way, with the same
/// tolerance, and a signature is checked on the host in any case.
public protocol CardFileStore: AnyObject, Sendable {
    /// What is known of the card in this state; nil when nothing is, or when what
    /// is known is of another state.
    func record(of card: CardFingerprint) -> CardRecord?
    /// Adds to what is known of the card. What is known of another state of it is
    /// forgotten.
    func add(_ record: CardRecord, of card: CardFingerprint)
    /// Forgets the card.
    func forget(_ card: CardFingerprint)
}

/// Which card it is, and when it was last updated: read from the card at each
/// insertion, and compared with what a store has.
public struct CardFingerprint: Hashable, Sendable {
    /// The card: letters, digits and hyphens.
    public let name: String
    /// Changes with each update of the card by its issuer: the bytes of the
    /// files that tell of it.
    public let state: [UInt8]

    /// A CPS3 tells of its updates in EF_ACTUA (cards.md §6.1).
    init(cps3 serialNumber: [UInt8], updateLog: [UInt8]) {
        name = "cps3-" + Hexadecimal.encode(serialNumber)
        state = serialNumber + updateLog
    }

    /// A CPS4's is the beginning of its authentication certificate: the certificate's own
    /// number is in it, which no other has. That an update in the field brings a new
    /// certificate is a guess until somebody reports it of a real card; the values of data
    /// objects are not kept for that reason (`CPSCard.keep`). TokenInfo would cost as
    /// much, and the one real TokenInfo that is known has a date from before the card was
    /// made (cards.md §9.2).
    /// - Returns: nil for something else than the beginning of a certificate.
    init?(cps4 certificate: [UInt8]) {
        guard let number = X509Certificate.serialNumber(in: certificate), (4...20).contains(number.count) else {
            return nil
        }
        name = "cps4-" + Hexadecimal.encode(number)
        state = certificate
    }

    /// A CPS4 whose certificate is not where it is on every known card: who it is, and
    /// what it says of itself.
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

/// What is known of a card in one state.
public struct CardRecord: Sendable, Equatable {
    /// The contents of files by their path. The file of a certificate may be there in part: its first half.
    public var files: [FilePath: [UInt8]]
    /// Whether the card has given 256 bytes in one answer.
    public var givesLongResponses: Bool

    /// Makes a record; without arguments it is the empty one of an unknown card.
    public init(files: [FilePath: [UInt8]] = [:], givesLongResponses: Bool = false) {
        self.files = files
        self.givesLongResponses = givesLongResponses
    }

    /// Adds another record of the same state. Where both know a file, the other one's content counts.
    public mutating func merge(_ other: CardRecord) {
        files.merge(other.files) { _, new in new }
        givesLongResponses = givesLongResponses || other.givesLongResponses
    }
}

/// What is known of the card in hand, and what of it the store does not have yet.
struct CardMemory {
    let store: any CardFileStore
    let fingerprint: CardFingerprint
    private var known: CardRecord
    private var news = CardRecord()
    /// Whether a file was taken from it.
    private(set) var wasUsed = false

    init(_ store: any CardFileStore, _ fingerprint: CardFingerprint) {
        self.store = store
        self.fingerprint = fingerprint
        known = store.record(of: fingerprint) ?? CardRecord()
    }

    /// CPS_DATA is written by programs: it is never kept, whatever a directory
    /// says of it (cards.md §5.4).
    private static let changing: Set<FilePath> = [FilePath(0x0001, 0xD107), .updateLog]

    var givesLongResponses: Bool { known.givesLongResponses }

    subscript(path: FilePath) -> [UInt8]? {
        mutating get {
            // checked: a dictionary
            guard !CardMemory.changing.contains(path), let file = known.files[path] else { return nil }
            wasUsed = true
            return file
        }
    }

    mutating func remember(_ file: [UInt8], at path: FilePath) {
        guard !CardMemory.changing.contains(path), known.files[path] != file else { return }  // checked: a dictionary
        known.files[path] = file  // checked: a dictionary
        news.files[path] = file  // checked: a dictionary
    }

    mutating func rememberLongResponses() {
        guard !known.givesLongResponses else { return }
        known.givesLongResponses = true
        news.givesLongResponses = true
    }

    /// Gives the store what it does not have.
    mutating func save() {
        guard news != CardRecord() else { return }
        store.add(news, of: fingerprint)
        news = CardRecord()
    }
}
