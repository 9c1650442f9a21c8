// SPDX-License-Identifier: Apache-2.0

import Glibc
import HostSystem
import Messages

/// Why something could not be set up.
struct Obstacle: Error {
    let message: Message
    /// Whether a folder of the path is not there.
    private(set) var isAbsence = false

    init(_ message: Message) { self.message = message }

    /// What the system says about a file.
    init(_ path: String, _ number: Int32) {
        let reason = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "?"
        self.init(Message("\(path): \(reason).", fr: "\(path) : \(reason)."))
        isAbsence = number == ENOENT
    }

    static func link(_ path: String) -> Obstacle {
        Obstacle(
            Message(
                "\(path) is a link or leads through one: it is left as it is.",
                fr: "\(path) est un lien ou passe par un lien : rien n'y est changé."))
    }
}

/// Files to be changed, below `/` or a folder in its place. Nothing is opened through a symbolic
/// link: each folder of a path is opened from the one before it. A file is written whole or not at
/// all: to a new file in the same folder, flushed to the disk, then renamed.
struct LinklessTree {
    /// What stands before every path; empty for the computer itself.
    let root: String

    /// O_PATH of open(2), which Swift's view of the C library lacks: a folder is a place only, and
    /// needs not be readable. The number is the same on all processors that Swift knows.
    private static let placeOnly: Int32 = 0o10_000_000

    /// A file is read up to this size, in bytes.
    private static let limit = 64 << 20

    /// What is at a path.
    struct Status {
        let kind: mode_t
        let mode: mode_t
        let user: uid_t
        let group: gid_t
        var isFile: Bool { kind == S_IFREG }
        var isFolder: Bool { kind == S_IFDIR }
        var isLink: Bool { kind == S_IFLNK }

        init(_ status: stat) {
            kind = status.st_mode & S_IFMT
            mode = status.st_mode & 0o7777
            user = status.st_uid
            group = status.st_gid
        }
    }

    // MARK: Looking

    /// What is there; nil when nothing is, or a folder that leads to it is missing or a link.
    func status(of path: String) -> Status? {
        let found = try? inFolder(above: path) { folder, name throws(Obstacle) in LinklessTree.status(name, in: folder)
        }
        return found ?? nil
    }

    private static func status(_ name: String, in folder: Int32) -> Status? {
        var status = stat()
        guard unsafe fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        return Status(status)
    }

    func isFolder(_ path: String) -> Bool { status(of: path)?.isFolder ?? false }

    /// The bytes of a file; nil when there is none.
    func content(of path: String) throws(Obstacle) -> [UInt8]? {
        do throws(Obstacle) {
            return try inFolder(above: path) { folder, name throws(Obstacle) in
                let file = unsafe openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
                guard file >= 0 else { throw errno == ELOOP ? .link(path) : Obstacle(path, errno) }
                defer { close(file) }
                return try LinklessTree.content(of: file, path)
            }
        } catch {
            if error.isAbsence { return nil }
            throw error
        }
    }

    private static func content(of file: Int32, _ path: String) throws(Obstacle) -> [UInt8] {
        var status = stat()
        guard unsafe fstat(file, &status) == 0 else { throw Obstacle(path, errno) }
        guard Status(status).isFile else { throw Obstacle(path, EINVAL) }
        do throws(ReadError) {
            return try WholeRead.read(from: file, limit: limit)
        } catch {
            throw Obstacle(path, error.number)
        }
    }

    /// Where a link leads; nil when it is none.
    func target(ofLink path: String) -> String? {
        let target = try? inFolder(above: path) { folder, name throws(Obstacle) -> String? in
            var target = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = unsafe readlinkat(folder, name, &target, target.count)
            guard count > 0 else { return nil }
            return String(decoding: target.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        return target ?? nil
    }

    // MARK: Changing

    /// Writes a file. One that is there keeps its mode and owner.
    /// - Parameters:
    ///   - mode: for a new file.
    ///   - model: what a new file's mode and owner shall be like.
    ///   - folderMode: for folders that are missing.
    func write(
        _ bytes: [UInt8], to path: String, mode: mode_t, like model: Status? = nil, folderMode: mode_t = 0o755
    ) throws(Obstacle) {
        try inFolder(above: path, creating: folderMode) { folder, name throws(Obstacle) in
            let present = LinklessTree.status(name, in: folder)
            if let present, !present.isFile { throw present.isLink ? .link(path) : Obstacle(path, EEXIST) }
            let temporary = LinklessTree.temporaryName()
            do throws(Obstacle) {
                try LinklessTree.create(
                    temporary, with: bytes, in: folder, path: path, mode: mode, like: present ?? model)
                guard unsafe renameat(folder, temporary, folder, name) == 0 else { throw Obstacle(path, errno) }
            } catch {
                _ = unsafe unlinkat(folder, temporary, 0)
                throw error
            }
            LinklessTree.flush(folder)
        }
    }

    private static func create(
        _ temporary: String, with bytes: [UInt8], in folder: Int32, path: String, mode: mode_t, like model: Status?
    ) throws(Obstacle) {
        let file = unsafe openat(
            folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode_t(0o600))
        guard file >= 0 else { throw Obstacle(path, errno) }
        defer { close(file) }
        if let model, model.user != geteuid() || model.group != getegid() {
            guard fchown(file, model.user, model.group) == 0 else { throw Obstacle(path, errno) }
        }
        guard fchmod(file, model?.mode ?? mode) == 0, WholeWrite.write(bytes, to: file), fsync(file) == 0 else {
            throw Obstacle(path, errno)
        }
    }

    /// Makes a link where nothing is.
    func link(_ path: String, to target: String) throws(Obstacle) {
        try inFolder(above: path) { folder, name throws(Obstacle) in
            guard unsafe symlinkat(target, folder, name) == 0 else { throw Obstacle(path, errno) }
            LinklessTree.flush(folder)
        }
    }

    /// Removes a file or a link.
    func remove(_ path: String) throws(Obstacle) {
        try inFolder(above: path) { folder, name throws(Obstacle) in
            guard unsafe unlinkat(folder, name, 0) == 0 else { throw Obstacle(path, errno) }
            LinklessTree.flush(folder)
        }
    }

    /// Removes a folder if nothing is in it.
    func removeFolderIfEmpty(_ path: String) {
        try? inFolder(above: path) { folder, name throws(Obstacle) in
            _ = unsafe unlinkat(folder, name, AT_REMOVEDIR)
        }
    }

    /// Makes a folder, and those that lead to it.
    func makeFolder(_ path: String, mode: mode_t) throws(Obstacle) {
        try inFolder(above: path + "/.", creating: mode) { _, _ throws(Obstacle) in }
    }

    // MARK: Folders

    /// The folder in which a path is.
    static func parent(of path: String) -> String {
        "/" + path.split { $0 == "/" }.dropLast().joined(separator: "/")
    }

    /// Opens the folder of a path, component by component, for the time of a call.
    /// - Parameter mode: for folders that are missing; nil where none is made.
    private func inFolder<Result>(
        above path: String, creating mode: mode_t? = nil, _ body: (Int32, String) throws(Obstacle) -> Result
    ) throws(Obstacle) -> Result {
        var components = path.split { $0 == "/" }.map(String.init)
        let name = components.popLast() ?? "."
        var folder = unsafe open(root.isEmpty ? "/" : root, LinklessTree.placeOnly | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw Obstacle(root, errno) }
        defer { close(folder) }
        var walked = ""
        for component in components {
            walked += "/" + component
            guard component != ".." else { throw Obstacle(walked, EINVAL) }
            if let mode { _ = unsafe mkdirat(folder, component, mode) }
            let next = unsafe openat(folder, component, LinklessTree.placeOnly | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard next >= 0 else {
                let reason = errno
                let isLink = LinklessTree.status(component, in: folder)?.isLink ?? false
                throw isLink ? .link(walked) : Obstacle(walked, reason == ENOTDIR ? ENOENT : reason)
            }
            close(folder)
            folder = next
        }
        return try body(folder, name)
    }

    /// Has the system write a folder's list of names to the disk.
    private static func flush(_ folder: Int32) {
        let list = unsafe openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard list >= 0 else { return }
        _ = fsync(list)
        close(list)
    }

    private static func temporaryName() -> String {
        var generator = SystemRandomNumberGenerator()
        let number: UInt64 = generator.next()
        return ".cps-pkcs11." + String(number, radix: 36)
    }
}
