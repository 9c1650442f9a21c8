// SPDX-License-Identifier: Apache-2.0

import CSystem
import Glibc
import HostSystem

/// The files of this computer, for looking at them; tests give it a tree of their own in
/// place of `/`. Links are followed: what is changed goes through `LinklessTree` of Registration.
public struct Machine: Sendable {
    /// What stands before every path; empty for the computer itself.
    public let root: String
    /// The home folder of the user who is asking, also behind sudo.
    public let home: String

    /// - Parameters:
    ///   - root: what stands before every path; empty for the computer itself.
    ///   - home: the user's home folder; nil for that of the user who is asking, behind sudo too.
    public init(root: String = "", home: String? = nil) {
        self.root = root
        self.home = home ?? Machine.homeBehindSudo ?? Machine.environment("HOME") ?? "/root"
    }

    /// The folder of the program that is running, without a `/` at the end; nil when it cannot be told.
    public static var programFolder: String? {
        guard let program = unsafe realpath("/proc/self/exe", nil) else { return nil }
        defer { unsafe free(program) }
        return unsafe String(cString: program).parts("/").dropLast().map { "/\($0)" }.joined()
    }

    private static var homeBehindSudo: String? {
        guard geteuid() == 0, let user = environment("SUDO_USER"), let entry = unsafe getpwnam(user) else { return nil }
        return unsafe entry.pointee.pw_dir.map { unsafe String(cString: $0) }
    }

    /// A variable of the environment; nil when it is not set, or empty.
    public static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        let text = unsafe String(cString: value)
        return text.isEmpty ? nil : text
    }

    /// Whether something is there; the end of a link counts.
    public func exists(_ path: String) -> Bool { unsafe access(root + path, F_OK) == 0 }

    /// Whether something may be there: also where this user may not look.
    public func mayExist(_ path: String) -> Bool { exists(path) || errno == EACCES }

    /// The first of these that is there.
    public func first(of paths: [String]) -> String? { paths.first(where: exists) }

    /// A text file of at most 64 MiB; nil when it is not there or may not be read.
    public func text(of path: String) -> String? {
        bytes(of: path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Whether a file of at most 64 MiB has these bytes in it; nil when it is not there or may
    /// not be read.
    public func file(_ path: String, contains text: String) -> Bool? {
        guard let bytes = bytes(of: path) else { return nil }
        // Swift's own search takes seconds for the 40 MB of Thunderbird's archive.
        return unsafe cps_find(bytes, UInt(bytes.count), text, UInt(text.utf8.count)) != nil
    }

    /// The bytes of a file, 64 MiB at most; nil when it is not there or may not be read.
    public func bytes(of path: String) -> [UInt8]? {
        let file = unsafe open(root + path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < 64 << 20 {
            let count = unsafe read(file, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            if count == 0 { break }
            bytes += piece.prefix(count)
        }
        return bytes
    }

    /// Where a link leads; nil when it is none.
    public func linkTarget(of path: String) -> String? {
        var target = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe readlink(root + path, &target, target.count)
        guard count > 0 else { return nil }
        return String(decoding: target.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The names in a folder, in order.
    public func names(in folder: String) -> [String] {
        let descriptor = unsafe open(root + folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        return FolderListing.names(in: descriptor).filter { $0 != "." && $0 != ".." }.sorted()
    }
}
