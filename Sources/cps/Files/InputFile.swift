// SPDX-License-Identifier: Apache-2.0

import Glibc
import Messages

/// A file that is read piece by piece, however large it is.
struct InputFile: ~Copyable {
    /// As the person named it.
    let path: String
    let identity: FileIdentity
    private let descriptor: Int32

    /// - Throws: `Failure` with `.fileFailed`.
    init(_ path: String) throws(Failure) {
        self.path = path
        // A pipe that nobody writes to is not waited for.
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Failure.unreadable(path, errno) }
        var information = stat()
        guard unsafe fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw Failure(
                .fileFailed,
                Message("\(path.printable) is no file.", fr: "\(path.printable) n'est pas un fichier."))
        }
        identity = FileIdentity(information)
    }

    deinit { close(descriptor) }

    /// Gives all of the file to a function, from its beginning.
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

    /// The whole content of a small file.
    /// - Throws: `Failure` with `.fileFailed` when it has more than `limit` bytes.
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

/// Which file it is, under whatever name.
struct FileIdentity: Equatable {
    private let device: UInt
    private let number: UInt

    init(_ information: stat) {
        device = information.st_dev
        number = information.st_ino
    }

    /// nil when there is no such file.
    init?(path: String) {
        var information = stat()
        guard unsafe stat(path, &information) == 0 else { return nil }
        self.init(information)
    }
}
