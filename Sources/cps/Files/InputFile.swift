// SPDX-License-Identifier: Apache-2.0

import Glibc
import Messages

/// An input file of any size, read in pieces of 256 KiB.
struct InputFile: ~Copyable {
    /// The path as given on the command line.
    let path: String
    let identity: FileIdentity
    private let descriptor: Int32

    /// - Throws: `Failure` with `.fileFailed`.
    init(_ path: String) throws(Failure) {
        self.path = path
        // O_NONBLOCK: do not wait for the writer of a pipe.
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Failure.unreadable(path, errno) }
        var information = stat()
        guard unsafe fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw Failure(
                .fileFailed,
                Message("\(path.printable) is not a file.", fr: "\(path.printable) n'est pas un fichier."))
        }
        identity = FileIdentity(information)
    }

    deinit { close(descriptor) }

    /// Passes the whole file to a function, piece by piece.
    func read(_ body: (Span<UInt8>) throws(Failure) -> Void) throws(Failure) {
        var piece = [UInt8](repeating: 0, count: 1 << 18)
        var position = 0
        while true {
            let count = unsafe pread(descriptor, &piece, piece.count, position)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure.unreadable(path, errno) }
            if count == 0 { return }
            position += count
            try body(piece.span.extracting(first: count))
        }
    }

    /// The first bytes, `limit` of them at most.
    func beginning(_ limit: Int) throws(Failure) -> [UInt8] {
        var piece = [UInt8](repeating: 0, count: limit)
        while true {
            let count = unsafe pread(descriptor, &piece, limit, 0)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure.unreadable(path, errno) }
            return Array(piece.prefix(count))
        }
    }

    /// The whole content of a small file.
    /// - Throws: `Failure` with `.fileFailed` if it has more than `limit` bytes.
    func content(upTo limit: Int) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        try read { (piece) throws(Failure) in
            guard bytes.count + piece.count <= limit else {
                throw Failure(
                    .fileFailed,
                    Message(
                        "\(path.printable) has more than \(limit) bytes.",
                        fr: "\(path.printable) a plus de \(limit) octets."))
            }
            for index in piece.indices { bytes.append(piece[index]) }
        }
        return bytes
    }
}

/// Identifies a file by device and inode, independent of its path.
struct FileIdentity: Equatable {
    private let device: UInt
    private let number: UInt

    init(_ information: stat) {
        device = information.st_dev
        number = information.st_ino
    }

    /// nil if there is no such file.
    init?(path: String) {
        var information = stat()
        guard unsafe stat(path, &information) == 0 else { return nil }
        self.init(information)
    }
}
