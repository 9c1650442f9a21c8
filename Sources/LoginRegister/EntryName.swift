// SPDX-License-Identifier: Apache-2.0

import CPSCard
import HostCryptography
import SmartCardBytes

/// The name of an entry's file, which contains all information about a login:
///
///     1-CARD-READER-COUNT-ROLE-RULE-PID-START-PIDS-CLOCK-INODE
///
/// 1 is the version. CARD and READER are hashes, COUNT is pcscd's count of insertions, ROLE is `user` or
/// `unblocking`, RULE is a `LogoutRule`. Then come the owner (`ProcessIdentity`) and the file's inode number, which
/// makes the name unique.
struct EntryName: Hashable {
    var card: String
    var reader: String
    var eventCount: UInt32
    var isUnblocking: Bool
    var rule: LogoutRule
    var owner: ProcessIdentity
    var inode: UInt64

    private static let version: Substring = "1"
    /// Replaces the hash of an unknown card.
    private static let unknownCard = "unknown"

    init(_ login: RegisteredLogin, owner: ProcessIdentity, inode: UInt64) {
        card = login.place.card.map(EntryName.hash) ?? EntryName.unknownCard
        reader = EntryName.hash(login.place.reader)
        eventCount = login.place.eventCount
        isUnblocking = login.isUnblocking
        rule = login.rule
        self.owner = owner
        self.inode = inode
    }

    /// - Returns: nil for a name that is not an entry's, or has another version.
    init?(parsing text: String) {
        var fields = text.split(separator: "-", omittingEmptySubsequences: false)[...]
        guard fields.count == 11, fields.popFirst() == EntryName.version,
            let card = fields.popFirst(), let reader = fields.popFirst(),
            let eventCount = fields.popFirst().flatMap({ UInt64($0) }).flatMap(UInt32.init(exactly:)),
            let code = fields.popFirst(), code == "user" || code == "unblocking",
            let rule = fields.popFirst().flatMap({ LogoutRule(rawValue: String($0)) }),
            let owner = ProcessIdentity(parsing: fields.prefix(4)),
            let inode = fields.last.flatMap({ UInt64($0) })
        else { return nil }
        self.card = String(card)
        self.reader = String(reader)
        self.eventCount = eventCount
        isUnblocking = code == "unblocking"
        self.rule = rule
        self.owner = owner
        self.inode = inode
    }

    var text: String {
        let fields =
            [String(EntryName.version), card, reader, String(eventCount), isUnblocking ? "unblocking" : "user"]
            + [rule.rawValue] + owner.fields + [String(inode)]
        return fields.joined(separator: "-")
    }

    /// Whether the login is on this card, in this insertion.
    func isOn(_ place: PlaceHash) -> Bool {
        reader == place.reader && eventCount == place.eventCount
            && (place.card == nil || card == EntryName.unknownCard || card == place.card)
    }

    /// Whether the login is on a card that was in the reader before. Logins on a later card are not outdated: this
    /// program may know only an earlier card, because it has not looked since. (A restarted pcscd counts from 0
    /// again: an old entry may stay, and may cause one unnecessary reset.)
    func isOutdated(by place: PlaceHash) -> Bool { reader == place.reader && eventCount < place.eventCount }

    /// Names are hashed, since a reader's name may have any length and any characters.
    static func hash(_ text: String) -> String {
        Hexadecimal.encode(HashContext.digest(of: Array(text.utf8), with: .sha256).prefix(8))
    }

    /// A place, with the hashes used in names.
    struct PlaceHash {
        let card: String?
        let reader: String
        let eventCount: UInt32

        init(_ place: CardPlace) {
            card = place.card.map(EntryName.hash)
            reader = EntryName.hash(place.reader)
            eventCount = place.eventCount
        }
    }
}
