// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A process. Its start time distinguishes it from a later one with the same number. The numbers are valid within one
/// namespace only.
struct ProcessIdentity: Hashable {
    var processID: Int32
    /// In clock ticks since the machine's start; 0 if unknown.
    var start: UInt64
    /// The inode number of the process ID namespace; 0 if unknown.
    var namespace: UInt64
    /// The inode number of the time namespace, to whose clock `start` refers; 0 if unknown.
    var clock: UInt64

    /// This process. It is read each time, since a forked child is another process.
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

    /// Whether the process is known to have ended. Never true for a process in another namespace, where only its lock
    /// shows that.
    func hasEnded(asSeenBy observer: ProcessIdentity) -> Bool {
        guard namespace != 0, namespace == observer.namespace, clock == observer.clock, processID > 0 else {
            return false
        }
        if getpgid(processID) < 0, errno == ESRCH { return true }
        // A process hidden from this user is not in /proc, but still runs.
        guard let status = ProcessStatus(process: String(processID)) else { return false }
        return status.start != start || status.hasEnded
    }

    private static func inode(ofNamespace name: String) -> UInt64 {
        var status = stat()
        guard unsafe fstatat(AT_FDCWD, "/proc/self/ns/" + name, &status, 0) == 0 else { return 0 }
        return UInt64(status.st_ino)
    }
}

/// The content of /proc/PID/stat (proc(5)).
private struct ProcessStatus {
    let processID: Int32
    let start: UInt64
    /// Whether all threads have ended and the parent has not called wait yet.
    let hasEnded: Bool

    init?(process: String) {
        guard let text = ProcessStatus.content(of: "/proc/" + process + "/stat"),
            // The program's name in parentheses may contain any character.
            let nameEnd = text.lastIndex(of: UInt8(ascii: ")")),
            let processID = Int(String(decoding: text.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self))
                .flatMap(Int32.init(exactly:))
        else { return nil }
        let fields = text.suffix(from: nameEnd).split(separator: UInt8(ascii: " ")).dropFirst()
            .map { String(decoding: $0, as: UTF8.self) }
        // Fields of the line: the state is the third, the threads the 20th, the start the 22nd.
        guard let state = fields.first, let threads = fields.dropFirst(17).first.flatMap({ Int($0) }),
            let start = fields.dropFirst(19).first.flatMap({ UInt64($0) })
        else { return nil }
        self.processID = processID
        self.start = start
        // If only the first thread has ended, others still run.
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
