// SPDX-License-Identifier: Apache-2.0

import CPSCard
import Glibc

/// The register of logins as files: one empty, locked file per login, in a folder of the user (docs/architecture.md,
/// "The register of logins"). The kernel releases the lock when the owner ends, in whatever way. The file remains and
/// shows that.
public final class FileLoginRegister: LoginRegistering {
    private let parent: String
    private let generation: UInt

    /// The register of the process's effective user, in /run/user.
    /// - Parameter generation: the number of forks between the process that loaded the library and this one.
    public convenience init(generation: UInt = 0) {
        self.init(in: RegisterFolder.pathOfUser, generation: generation)
    }

    /// - Parameter parent: the folder that contains the register's folder.
    package init(in parent: String, generation: UInt = 0) {
        self.parent = parent
        self.generation = generation
    }

    /// Closes a forked child's copies of its parents' entries, which the parents still lock. Takes no lock.
    /// - Parameter generation: the child's.
    public static func closeInherited(by generation: UInt) {
        keepingErrno { OpenEntries.closeEntries(before: generation) }
    }

    // MARK: LoginRegistering

    /// Makes the file of a login and locks it.
    /// - Returns: nil without a folder or a file descriptor for it.
    public func add(_ login: RegisteredLogin) -> (any LoginEntry)? {
        keepingErrno {
            guard let folder = RegisterFolder(in: parent, makingIt: true) else { return nil }
            let owner = ProcessIdentity.current
            guard
                let (file, name) = folder.makeLockedFile(named: { EntryName(login, owner: owner, inode: $0) })
            else { return nil }
            return FileLoginEntry(file, name, in: parent, OpenEntries.add(file, generation: generation))
        }
    }

    /// Counts the logins on a card, and removes those of earlier insertions. Takes no lock.
    public func logins(on place: CardPlace) -> LoginsOnCard {
        keepingErrno {
            var logins = LoginsOnCard()
            guard let folder = RegisterFolder(in: parent, makingIt: false) else { return logins }
            let place = EntryName.PlaceHash(place)
            let observer = ProcessIdentity.current
            for text in folder.names() {
                guard let name = EntryName(parsing: text) else {
                    removeTemporary(text, in: folder, observer)
                    continue
                }
                if name.isOn(place) {
                    logins.count(name, isGone(name, in: folder, observer))
                } else if name.isOutdated(by: place), isGone(name, in: folder, observer) {
                    folder.remove(text)
                }
            }
            return logins
        }
    }

    /// The numbers of the processes whose logins on a card stand, in no order; without those
    /// of other process ID namespaces, whose numbers mean something there only.
    public func owners(on place: CardPlace) -> [Int32] {
        keepingErrno {
            guard let folder = RegisterFolder(in: parent, makingIt: false) else { return [] }
            let place = EntryName.PlaceHash(place)
            let observer = ProcessIdentity.current
            return folder.names().compactMap(EntryName.init(parsing:))
                .filter { $0.isOn(place) && $0.owner.namespace == observer.namespace }
                .filter { !isGone($0, in: folder, observer) }
                .map(\.owner.processID)
        }
    }

    /// Removes the files of all logins on a card, just before its reset.
    public func removeAll(on place: CardPlace) {
        keepingErrno {
            guard let folder = RegisterFolder(in: parent, makingIt: false) else { return }
            let place = EntryName.PlaceHash(place)
            for text in folder.names() where EntryName(parsing: text)?.isOn(place) ?? false { folder.remove(text) }
        }
    }

    /// Whether the owner of a login has ended or lost its lock. If the file cannot be opened for lack of a
    /// descriptor, only the owner is checked.
    private func isGone(_ name: EntryName, in folder: borrowing RegisterFolder, _ observer: ProcessIdentity) -> Bool {
        // A forked child may still hold the lock of a parent that has ended.
        folder.isLocked(name) == false || name.owner.hasEnded(asSeenBy: observer)
    }

    /// Removes a file whose maker ended before locking it.
    private func removeTemporary(
        _ text: String, in folder: borrowing RegisterFolder, _ observer: ProcessIdentity
    ) {
        guard text.hasPrefix(RegisterFolder.temporaryPrefix), let name = EntryName(parsing: String(text.dropFirst())),
            name.owner.hasEnded(asSeenBy: observer)
        else { return }
        folder.remove(text)
    }
}

extension LoginsOnCard {
    fileprivate mutating func count(_ name: EntryName, _ isGone: Bool) {
        guard isGone else {
            live += 1
            return
        }
        // If the owner left the card open on purpose, it stays open.
        if name.isUnblocking || name.rule != .leave { orphans += 1 }
        if name.isUnblocking || name.rule == .reset { hasUrgentOrphan = true }
    }
}

/// An entry of this process in a `FileLoginRegister`.
final class FileLoginEntry: LoginEntry {
    private let file: EntryFile
    private let name: EntryName
    private let parent: String
    private let place: OpenEntries

    init(_ file: EntryFile, _ name: EntryName, in parent: String, _ place: OpenEntries) {
        self.file = file
        self.name = name
        self.parent = parent
        self.place = place
    }

    /// The file descriptor.
    var descriptor: Int32 { file.descriptor }

    var isIntact: Bool { keepingErrno { file.isIntact } }

    /// Removes the name first, so that no other program sees the file unlocked. A forked child does not remove its
    /// parent's entry.
    func remove() {
        keepingErrno {
            guard getpid() == name.owner.processID else { return }
            if let folder = RegisterFolder(in: parent, makingIt: false) { folder.remove(name.text) }
            place.close()
        }
    }

    func abandon() { keepingErrno { place.close() } }
}

/// Runs a function that makes system calls, and restores errno, which the host program may check after our call.
private func keepingErrno<Result>(_ body: () -> Result) -> Result {
    let error = errno
    defer { errno = error }
    return body()
}
