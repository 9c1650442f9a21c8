// SPDX-License-Identifier: Apache-2.0

import Glibc
import Messages

extension Failure {
    /// A file that cannot be read, and errno.
    static func unreadable(_ path: String, _ error: Int32) -> Failure {
        let reason = SystemError.message(error)
        return Failure(
            .fileFailed,
            Message(
                "\(path.printable) cannot be read (\(reason.english)).",
                fr: "\(path.printable) est illisible (\(reason.french))."))
    }

    /// A file that cannot be written, and errno.
    static func unwritable(_ path: String, _ error: Int32) -> Failure {
        let reason = SystemError.message(error)
        return Failure(
            .fileFailed,
            Message(
                "\(path.printable) cannot be written (\(reason.english)).",
                fr: "\(path.printable) n'a pas pu être écrit (\(reason.french))."))
    }
}

/// Texts for errno: the system's own in English, ours in French, because the system's French
/// needs installed translations.
enum SystemError {
    static func message(_ error: Int32) -> Message {
        let english = unsafe String(cString: strerror(error))
        return Message(english, fr: french[error] ?? "erreur \(error) : \(english)")
    }

    /// The errors of files, folders and programs (errno(3)).
    private static let french: [Int32: String] = [
        EPERM: "opération non permise",
        ENOENT: "fichier ou dossier introuvable",
        EIO: "erreur d'entrée-sortie",
        ENXIO: "périphérique introuvable",
        E2BIG: "trop d'arguments",
        ENOEXEC: "ce n'est pas un programme",
        ENOMEM: "pas assez de mémoire",
        EACCES: "accès refusé",
        EBUSY: "en cours d'utilisation",
        EEXIST: "existe déjà",
        ENODEV: "périphérique introuvable",
        ENOTDIR: "un nom du chemin n'est pas celui d'un dossier",
        EISDIR: "c'est un dossier",
        EINVAL: "demande incorrecte",
        ENFILE: "trop de fichiers ouverts",
        EMFILE: "trop de fichiers ouverts",
        ETXTBSY: "programme en cours d'utilisation",
        EFBIG: "fichier trop gros",
        ENOSPC: "il n'y a plus de place",
        EROFS: "système de fichiers en lecture seule",
        ENAMETOOLONG: "nom trop long",
        ELOOP: "c'est un lien, ou il y a trop de liens",
        EDQUOT: "quota dépassé",
    ]
}
