// SPDX-License-Identifier: Apache-2.0

import Glibc
import Messages
import PKIX

/// The file of imported authorities, to be written.
struct AuthorityFile {
    private let store: AuthorityStore

    /// - Throws: `Failure` with `.fileFailed` for a user without a home.
    init() throws(Failure) {
        guard let store = AuthorityStore.ofThisUser else {
            throw Failure(
                .fileFailed,
                Message(
                    "There is no place for authorities: HOME is not set.",
                    fr: "Aucun emplacement pour les autorités : HOME n'est pas défini."))
        }
        self.store = store
    }

    var path: String { store.path }

    /// Those that were imported before.
    var certificates: [Certificate] { store.read() }

    /// Replaces the file, whole or not at all; it can be read by everybody.
    /// - Throws: `Failure` with `.fileFailed`.
    func write(_ certificates: [Certificate]) throws(Failure) {
        try makeFolder()
        var options = OutputOptions()
        options.output = path
        options.force = true
        let mask = umask(0o022)
        defer { umask(mask) }
        try OutputFile(options).write(Array(certificates.map(\.pem).joined().utf8))
    }

    /// - Returns: whether there was a file.
    /// - Throws: `Failure` with `.fileFailed`.
    func remove() throws(Failure) -> Bool {
        if unsafe unlink(path) == 0 { return true }
        guard errno == ENOENT || errno == ENOTDIR else { throw Failure.unwritable(path, errno) }
        return false
    }

    /// All folders on the way, as `mkdir -p` does.
    private func makeFolder() throws(Failure) {
        var folder = ""
        for name in path.split(separator: "/").dropLast() {
            folder += "/\(name)"
            let isThere = unsafe mkdir(folder, geteuid() == 0 ? 0o755 : 0o700) == 0 || errno == EEXIST
            guard isThere else { throw Failure.unwritable(path, errno) }
        }
    }
}
