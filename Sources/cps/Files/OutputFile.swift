// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import Messages

/// The options `--output` and `--force`.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            Message("Where to write; - is standard output.", fr: "Où écrire ; - est la sortie standard.").text,
            valueName: Message("file", fr: "fichier").text))
    var output: String?

    @Flag(help: ArgumentHelp(Message("Replace an existing file.", fr: "Remplace un fichier existant.").text))
    var force = false
}

/// An output file, written atomically: to a temporary file beside it, which is then renamed.
struct OutputFile {
    /// nil for standard output.
    let path: String?
    private let mayReplace: Bool

    /// Checks before any work that the file can be written.
    /// - Parameters:
    ///   - standard: the path without `--output`; nil for standard output.
    ///   - input: a file that is never replaced.
    /// - Throws: `Failure` with `.fileFailed`.
    init(_ options: OutputOptions, standard: String? = nil, besides input: FileIdentity? = nil) throws(Failure) {
        mayReplace = options.force
        guard let path = options.output ?? standard, path != "-" else {
            self.path = nil
            return
        }
        self.path = path
        if let input, FileIdentity(path: path) == input {
            throw Failure(
                .fileFailed,
                Message(
                    "\(path.printable) is the file to read; it is not replaced.",
                    fr: "\(path.printable) est le fichier à lire ; il n'est pas remplacé."))
        }
        var information = stat()
        if unsafe lstat(path, &information) == 0 {
            guard mayReplace else { throw OutputFile.exists(path) }
            guard [S_IFREG, S_IFLNK].contains(information.st_mode & S_IFMT) else {
                throw Failure.unwritable(path, information.st_mode & S_IFMT == S_IFDIR ? EISDIR : EEXIST)
            }
        }
        guard unsafe access(folder, W_OK | X_OK) == 0 else { throw Failure.unwritable(path, errno) }
    }

    /// - Throws: `Failure` with `.fileFailed`; an existing file is unchanged then.
    func write(_ bytes: [UInt8]) throws(Failure) {
        guard let path else { return try Output.write(bytes) }
        // Ctrl-C must not leave a temporary file behind.
        try Signals.holding { () throws(Failure) in try write(bytes, to: path) }
    }

    private func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        var beside = Array("\(folder)/.cps.XXXXXX".utf8CString)
        let descriptor = unsafe mkstemp(&beside)
        guard descriptor >= 0 else { throw Failure.unwritable(path, errno) }
        defer {
            close(descriptor)
            unsafe unlink(beside)
        }
        let mask = umask(0o077)
        umask(mask)
        guard Output.put(bytes, to: descriptor), fchmod(descriptor, 0o666 & ~mask) == 0, fsync(descriptor) == 0,
            isMoved(beside, to: path)
        else { throw errno == EEXIST ? OutputFile.exists(path) : Failure.unwritable(path, errno) }
    }

    /// link() never replaces a file. On a file system without hard links, the check in `init`
    /// is all there is.
    private func isMoved(_ beside: [CChar], to path: String) -> Bool {
        if !mayReplace {
            if unsafe link(beside, path) == 0 { return true }
            guard [EPERM, ENOTSUP, ENOSYS].contains(errno) else { return false }
        }
        return unsafe rename(beside, path) == 0
    }

    private var folder: String {
        guard let path, let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func exists(_ path: String) -> Failure {
        Failure(
            .fileFailed,
            Message("\(path.printable) already exists.", fr: "\(path.printable) existe déjà."),
            remedy: Message("--force replaces it.", fr: "--force le remplace."))
    }
}

/// A file that only the user can read (mode 0600).
enum PrivateFile {
    /// Creates or empties the file; does not follow a symbolic link. An existing file becomes
    /// private, too; a file of another user is refused.
    /// - Returns: the descriptor.
    /// - Throws: `Failure` with `.fileFailed`.
    static func create(_ path: String) throws(Failure) -> Int32 {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, mode_t(0o600))
        guard descriptor >= 0 else { throw Failure.unwritable(path, errno) }
        guard isMadePrivate(descriptor) else {
            let error = Failure.unwritable(path, errno)
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Makes a regular file private and empty; a device or a pipe is left as it is.
    private static func isMadePrivate(_ descriptor: Int32) -> Bool {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return false }
        guard status.st_mode & S_IFMT == S_IFREG else { return true }
        guard status.st_uid == geteuid() else {
            errno = EPERM
            return false
        }
        return fchmod(descriptor, 0o600) == 0 && ftruncate(descriptor, 0) == 0
    }

    /// Writes a text to a private file.
    /// - Throws: `Failure` with `.fileFailed`.
    static func write(_ text: String, to path: String) throws(Failure) {
        let descriptor = try create(path)
        defer { close(descriptor) }
        guard Output.put(Array(text.utf8), to: descriptor) else { throw Failure.unwritable(path, errno) }
    }
}
