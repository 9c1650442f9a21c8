// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Glibc
import Messages

/// Files of a user's own: ssh's configuration, and what Java and OpenSSL are given.
extension RegistrationRun {
    /// Where a path of the user's leads, whose links are his own: a home can lie behind one, and a
    /// configuration in another folder with others of its kind. What is found there is then opened
    /// without links, with the user's own rights.
    func resolved(_ path: String) -> (tree: LinklessTree, path: String) {
        (LinklessTree(root: ""), RegistrationRun.realPath(machine.root + path, depth: 16))
    }

    private static func realPath(_ path: String, depth: Int) -> String {
        if let real = unsafe realpath(path, nil) {
            defer { unsafe free(real) }
            return unsafe String(cString: real)
        }
        guard depth > 0, path != "/" else { return path }
        let parent = realPath(LinklessTree.parent(of: path), depth: depth)
        let place = "\(parent == "/" ? "" : parent)/\(path.parts("/").last ?? "")"
        // A link to a file that is yet to be made.
        guard let target = Machine(root: "", home: "").linkTarget(of: place) else { return place }
        return realPath(target.hasPrefix("/") ? target : "\(parent)/\(target)", depth: depth - 1)
    }

    // MARK: Java

    func registerJava() throws(Obstacle) {
        let file = ClientFile.java(home: home)
        try needsLibrary(.full)
        try writeUserFile(file, "name = CPS\nlibrary = \(machine.fullLibrary)\nslotListIndex = 0\n")
        let example =
            "  keytool -list -storetype PKCS11 -providerClass sun.security.pkcs11.SunPKCS11 -providerArg \(file)"
        report.add(.note, Message("Try it:\n\(example)", fr: "Pour essayer :\n\(example)"), path: file)
    }

    func undoJava() throws(Obstacle) { try removeUserFile(ClientFile.java(home: home)) }

    // MARK: OpenSSL

    /// It suits a CPS3, which cannot do RSA-PSS (docs/clients/tls-versions.md).
    func registerOpenSSL() throws(Obstacle) {
        let file = ClientFile.openSSL(home: home)
        try needsLibrary(.full)
        try writeUserFile(file, openSSLConfiguration)
        let example = openSSLExample(file)
        report.add(
            .note,
            Message(
                "Programs use it like this (Debian package libengine-pkcs11-openssl):\n\(example)",
                fr: "Les programmes s'en servent ainsi (paquet Debian libengine-pkcs11-openssl) :\n\(example)"),
            path: file)
    }

    func undoOpenSSL() throws(Obstacle) { try removeUserFile(ClientFile.openSSL(home: home)) }

    private var openSSLConfiguration: String {
        """
        openssl_conf = openssl_init

        [openssl_init]
        engines = engines
        ssl_conf = ssl_configuration

        [engines]
        pkcs11 = pkcs11_engine

        [pkcs11_engine]
        engine_id = pkcs11
        MODULE_PATH = \(machine.fullLibrary)
        init = 0

        [ssl_configuration]
        system_default = all_programs

        # For a CPS3. With a CPS4 these two lines only keep it from TLS 1.3.
        [all_programs]
        SignatureAlgorithms = RSA+SHA256:RSA+SHA384:RSA+SHA512
        MaxProtocol = TLSv1.2

        """
    }

    private func openSSLExample(_ file: String) -> String {
        #"""
          export OPENSSL_CONF=\#(file)
          curl --engine pkcs11 --cert-type ENG --cert "pkcs11:object=Certificat%20d%27Authentification%20CPS;type=cert" \
               --key-type ENG --key "pkcs11:object=CPS_PRIV_AUT;type=private" https://...
          stunnel.conf: engine = pkcs11
                        engineCtrl = MODULE_PATH:\#(machine.fullLibrary)
                        [...]
                        engineNum = 1
                        sessionResume = no
                        config = SignatureAlgorithms:RSA+SHA256:RSA+SHA384:RSA+SHA512
                        sslVersionMax = TLSv1.2
        """#
    }

    private func writeUserFile(_ file: String, _ text: String) throws(Obstacle) {
        let place = resolved(file)
        try writeOwnFile(place.path, text, in: place.tree)
    }

    private func removeUserFile(_ file: String) throws(Obstacle) {
        let place = resolved(file)
        try removeOwnFile(place.path, in: place.tree)
    }

    // MARK: OpenSSH

    /// A block at the end of ~/.ssh/config, where it is the default for hosts that are not told otherwise.
    func registerOpenSSH() throws(Obstacle) {
        try needsLibrary(.browser)
        let place = resolved(ClientFile.openSSH(home: home))
        let present = try place.tree.content(of: place.path)
        let wanted = SSHBlock.adding(machine.browserLibrary, to: present)
        if wanted == present { return nothingToDo() }
        try change(
            Message("PKCS11Provider into \(place.path)", fr: "PKCS11Provider dans \(place.path)"), place.path,
            difference: LineDifference.text(place.path, from: present, to: wanted)
        ) { () throws(Obstacle) in
            try place.tree.write(wanted, to: place.path, mode: 0o600, folderMode: 0o700)
        }
    }

    func undoOpenSSH() throws(Obstacle) {
        let place = resolved(ClientFile.openSSH(home: home))
        guard let present = try place.tree.content(of: place.path), SSHBlock.isIn(present) else {
            return nothingToDo()
        }
        let wanted = SSHBlock.removed(from: present)
        if wanted.isEmpty, SSHBlock.isNewFile(present) {
            return try removeFile(place.path, present, in: place.tree)
        }
        try change(
            Message("PKCS11Provider out of \(place.path)", fr: "PKCS11Provider hors de \(place.path)"), place.path,
            difference: LineDifference.text(place.path, from: present, to: wanted)
        ) { () throws(Obstacle) in try place.tree.write(wanted, to: place.path, mode: 0o600) }
    }
}

/// Our lines in a configuration of ssh. Their first one remembers what cannot be seen any more: that
/// the last line before had no end, or that there was no file.
enum SSHBlock {
    private static let begins = "# cps-pkcs11: begins (scripts/register)"
    private static let ends = "# cps-pkcs11: ends"

    static func isIn(_ file: [UInt8]) -> Bool {
        lines(file).contains { $0.starts(with: Array(begins.utf8)) }
    }

    static func isNewFile(_ file: [UInt8]) -> Bool { lines(file).contains { matches($0, "\(begins), new file") } }

    static func adding(_ library: String, to file: [UInt8]?) -> [UInt8] {
        let before = file.map { removed(from: $0) } ?? []
        let mark: String
        if file.map({ isNewFile($0) }) ?? true {
            mark = "\(begins), new file"
        } else if let last = before.last, last != UInt8(ascii: "\n") {
            mark = "\n\(begins), line ended"
        } else {
            mark = begins
        }
        return before + Array("\(mark)\nHost *\n    PKCS11Provider \(library)\n\(ends)\n".utf8)
    }

    /// The file as it was, byte for byte; a block without its end is not ours.
    static func removed(from file: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = lines(file)[...]
        while let line = rest.popFirst() {
            let isFirst = ["", ", new file", ", line ended"].contains { matches(line, begins + $0) }
            guard isFirst, let end = rest.firstIndex(where: { matches($0, ends) }) else {
                result += line
                continue
            }
            rest = rest[(end + 1)...]
            if matches(line, "\(begins), line ended"), result.last == UInt8(ascii: "\n") { result.removeLast() }
        }
        return result
    }

    private static func matches(_ line: ArraySlice<UInt8>, _ text: String) -> Bool {
        line.elementsEqual(Array("\(text)\n".utf8))
    }

    private static func lines(_ file: [UInt8]) -> [ArraySlice<UInt8>] { LineDifference.lines(file) }
}
