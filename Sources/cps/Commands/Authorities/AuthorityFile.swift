// SPDX-License-Identifier: Apache-2.0

import Glibc
import Messages
import PKIX

/// The file of imported authorities, for writing.
struct AuthorityFile {
    private let store: AuthorityStore

    /// - Throws: `Failure` with `.fileFailed` if HOME is not set.
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

    /// The authorities imported before.
    var certificates: [Certificate] { store.read() }

    /// Replaces the file atomically; everybody can read it.
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

    /// Creates all parent folders, like `mkdir -p`.
    private func makeFolder() throws(Failure) {
        var folder = ""
        for name in path.split(separator: "/").dropLast() {
            folder += "/\(name)"
            let isThere = unsafe mkdir(folder, geteuid() == 0 ? 0o755 : 0o700) == 0 || errno == EEXIST
            guard isThere else { throw Failure.unwritable(path, errno) }
        }
    }
}
