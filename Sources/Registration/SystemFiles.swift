// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Messages

/// What all users share besides policies: the library's two files, from a source tree; p11-kit's
/// module file.
extension RegistrationRun {
    /// The library where programs look for PKCS#11 modules, and its copy for browsers; a package
    /// has put it there already.
    func registerLibrary() throws(Obstacle) {
        let source = options.builtLibrary ?? machine.root + machine.fullLibrary
        guard let bytes = Machine(root: "", home: home).bytes(of: source) else {
            throw Obstacle(
                Message(
                    "\(source) is missing; build it: swift build -c release --disable-local-rpath --product cps-pkcs11",
                    fr:
                        "\(source) manque ; compilez-la : swift build -c release --disable-local-rpath --product cps-pkcs11"
                ))
        }
        for path in [machine.fullLibrary, machine.browserLibrary] {
            if try tree.content(of: path) == bytes {
                nothingToDo()
                continue
            }
            try refusePackaged(path)
            try change(
                Message("copy the library to \(path)", fr: "copier la bibliothèque vers \(path)"), path
            ) { () throws(Obstacle) in try tree.write(bytes, to: path, mode: 0o644) }
        }
    }

    func undoLibrary() throws(Obstacle) {
        for path in [machine.fullLibrary, machine.browserLibrary] {
            guard tree.status(of: path) != nil else {
                nothingToDo()
                continue
            }
            try refusePackaged(path)
            try change(Message("remove \(path)", fr: "supprimer \(path)"), path) { () throws(Obstacle) in
                try tree.remove(path)
                tree.removeFolderIfEmpty(LinklessTree.parent(of: path))
            }
        }
    }

    /// GnuTLS and all that uses p11-kit see the card. A package brings the same file.
    func registerP11Kit() throws(Obstacle) {
        try needsLibrary(.full)
        try writeOwnFile(ClientFile.p11KitModule, P11KitModule.ownText(library: machine.fullLibrary))
    }

    func undoP11Kit() throws(Obstacle) { try removeOwnFile(ClientFile.p11KitModule) }
}

/// The paths of the official library, for software that looks there and nowhere else: links to
/// this library, and the files by which Firefox lets the extension of the ANS install it. What is
/// there already is never touched.
extension RegistrationRun {
    /// A file that says that we made a folder: undoing removes no folder of others.
    private static let folderMark = ".cps-pkcs11"

    func registerOfficialPath() throws(Obstacle) {
        try needsLibrary(.full)
        try needsLibrary(.browser)
        try refuseOfficial()
        var isChanged = false
        let library = machine.fullLibrary
        for path in OfficialPlaces.links where canBeOurs(path) {
            isChanged = true
            try change(
                Message("link \(path) to \(library)", fr: "lier \(path) à \(library)"), path
            ) { () throws(Obstacle) in
                try makeMarkedFolder(LinklessTree.parent(of: path))
                try tree.link(path, to: library)
            }
        }
        for path in OfficialPlaces.manifests where canBeOurs(path) {
            isChanged = true
            let text = Array(manifest.utf8)
            try change(
                Message("write \(path)", fr: "écrire \(path)"), path,
                difference: LineDifference.text(path, from: nil, to: text)
            ) { () throws(Obstacle) in
                try makeMarkedFolder(LinklessTree.parent(of: path))
                try tree.write(text, to: path, mode: 0o644)
            }
        }
        if !isChanged { nothingToDo() }
    }

    func undoOfficialPath() throws(Obstacle) {
        var isChanged = false
        for path in OfficialPlaces.links + OfficialPlaces.manifests where isOurs(path) {
            isChanged = true
            try change(Message("remove \(path)", fr: "supprimer \(path)"), path) { () throws(Obstacle) in
                try tree.remove(path)
            }
        }
        if !isDryRun { try removeMarkedFolders() }
        try refuseOfficial()
        if !isChanged { nothingToDo() }
    }

    private func refuseOfficial() throws(Obstacle) {
        let path = OfficialPlaces.library
        guard tree.status(of: path) != nil, !isOurLink(path) else { return }
        throw Obstacle(
            Message(
                "\(path) is not our link: the official library stays as it is.",
                fr: "\(path) n'est pas notre lien : la bibliothèque officielle reste telle quelle."))
    }

    private func isOurLink(_ path: String) -> Bool { tree.target(ofLink: path) == machine.fullLibrary }

    private func isOurs(_ path: String) -> Bool {
        if isOurLink(path) { return true }
        guard let bytes = try? tree.content(of: path) else { return false }
        return String(decoding: bytes, as: UTF8.self).lines.contains {
            $0.trimmed.hasPrefix("\"path\": \"\(machine.browserLibrary)\"")
        }
    }

    /// Whether nothing is there, and the folder is not one that this system has not.
    private func canBeOurs(_ path: String) -> Bool {
        if tree.status(of: path) != nil {
            if !isOurs(path) {
                report.add(
                    .note,
                    Message(
                        "\(path) is not ours, and stays as it is.", fr: "\(path) n'est pas de nous, et reste tel quel."),
                    path: path)
            }
            return false
        }
        return OfficialPlaces.systemFolders.allSatisfy { !path.hasPrefix($0 + "/") || tree.isFolder($0) }
    }

    /// Firefox gets the authentication certificate alone, as everywhere.
    private var manifest: String {
        """
        {
          "name": "cps3",
          "description": "Module de sécurité CPS",
          "path": "\(machine.browserLibrary)",
          "type": "pkcs11",
          "allowed_extensions": [ "CPS2ter-2020_Firefox@asipsante.fr" ]
        }

        """
    }

    /// Makes a folder, and those that lead to it, each with our mark.
    private func makeMarkedFolder(_ path: String) throws(Obstacle) {
        guard !tree.isFolder(path), path != "/" else { return }
        try makeMarkedFolder(LinklessTree.parent(of: path))
        try tree.makeFolder(path, mode: 0o755)
        try tree.write(
            Array("\(RegistrationRun.ownMark)\n".utf8), to: "\(path)/\(RegistrationRun.folderMark)", mode: 0o644)
    }

    /// Removes the folders that we made and in which nothing else is. No mark stays.
    private func removeMarkedFolders() throws(Obstacle) {
        for path in OfficialPlaces.links + OfficialPlaces.manifests {
            var folder = LinklessTree.parent(of: path)
            while folder != "/" {
                let mark = "\(folder)/\(RegistrationRun.folderMark)"
                if tree.status(of: mark)?.isFile ?? false {
                    try tree.remove(mark)
                    tree.removeFolderIfEmpty(folder)
                }
                folder = LinklessTree.parent(of: folder)
            }
        }
    }
}
