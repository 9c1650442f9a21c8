// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A process, told from a later one with the same number by the time of its start. The
/// numbers mean something within one namespace only.
struct ProcessIdentity: Hashable {
    var processID: Int32
    /// In clock ticks after the machine's start; 0 if unknown.
    var start: UInt64
    /// The inode number of the process ID namespace; 0 if unknown.
    var namespace: UInt64
    /// The inode number of the time namespace, by whose clock `start` is told.
    var clock: UInt64

    /// This process. Read anew each time: a forked child is another one.
    static var current: ProcessIdentity {
        var identity = ProcessIdentity(processID: getpid(), start: 0, namespace: 0, clock: 0)
        // /proc may be missing, or belong to another namespace.
        guard let status = ProcessStatus(process: "self"), status.processID == identity.processID else {
            return identity
        }
        identity.start = status.start
        identity.namespace = inode(ofNamespace: "pid")
        identity.clock = inode(ofNamespace: "time")
        return identity
    }

    init(processID: Int32, start: UInt64, namespace: UInt64, clock: UInt64) {
        self.processID = processID
        self.start = start
        self.namespace = namespace
        self.clock = clock
    }

    init?(parsing fields: ArraySlice<Substring>) {
        let numbers = fields.compactMap { UInt64($0) }
        var rest = numbers[...]
        guard numbers.count == 4, let processID = rest.popFirst().flatMap({ Int32(exactly: $0) }),
            let start = rest.popFirst(), let namespace = rest.popFirst(), let clock = rest.popFirst()
        else { return nil }
        self.init(processID: processID, start: start, namespace: namespace, clock: clock)
    }

    var fields: [String] { [String(processID), String(start), String(namespace), String(clock)] }

    /// Whether the process is known to have ended. A process of another namespace is not:
    /// only its lock tells.
    func hasEnded(asSeenBy observer: ProcessIdentity) -> Bool {
        guard namespace != 0, namespace == observer.namespace, clock == observer.clock, processID > 0 else {
            return false
        }
        if getpgid(processID) < 0, errno == ESRCH { return true }
        // A process that must not be looked at is not in /proc, and lives all the same.
        guard let status = ProcessStatus(process: String(processID)) else { return false }
        return status.start != start || status.hasEnded
    }

    private static func inode(ofNamespace name: String) -> UInt64 {
        var status = stat()
        guard unsafe fstatat(AT_FDCWD, "/proc/self/ns/" + name, &status, 0) == 0 else { return 0 }
        return UInt64(status.st_ino)
    }
}

/// What /proc/PID/stat says (proc(5)).
private struct ProcessStatus {
    let processID: Int32
    let start: UInt64
    /// Whether all threads have ended, and the parent has not yet taken note.
    let hasEnded: Bool

    init?(process: String) {
        guard let text = ProcessStatus.content(of: "/proc/" + process + "/stat"),
            // The program's name in parentheses may contain anything.
            let nameEnd = text.lastIndex(of: UInt8(ascii: ")")),
            let processID = Int(String(decoding: text.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self))
                .flatMap(Int32.init(exactly:))
        else { return nil }
        let fields = text.suffix(from: nameEnd).split(separator: UInt8(ascii: " ")).dropFirst()
            .map { String(decoding: $0, as: UTF8.self) }
        // The state is the third field of the line, the threads the 20th, the start the 22nd.
        guard let state = fields.first, let threads = fields.dropFirst(17).first.flatMap({ Int($0) }),
            let start = fields.dropFirst(19).first.flatMap({ UInt64($0) })
        else { return nil }
        self.processID = processID
        self.start = start
        // The first thread alone may have ended: then there are others.
        hasEnded = (state == "Z" || state == "X") && threads <= 1
    }

    private static func content(of path: String) -> [UInt8]? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 2048)
        let count = unsafe read(file, &bytes, bytes.count)
        return count > 0 ? Array(bytes.prefix(count)) : nil
    }
}
