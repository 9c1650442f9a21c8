// SPDX-License-Identifier: Apache-2.0

import Glibc

@testable import ClientPrograms
@testable import Registration

/// A computer as a folder tree, which goes when the value goes.
final class ConstructedComputer {
    let root: String
    static let folder = Machine.architecture.map { "/usr/lib/\($0)/pkcs11" } ?? "/usr/lib64/pkcs11"
    static let home = "/home/somebody"

    init() throws {
        var template = Array("/tmp/cps-registration.XXXXXX".utf8CString)
        guard let path = unsafe mkdtemp(&template) else { throw Obstacle("/tmp", errno) }
        root = unsafe String(cString: path)
        write("library", to: Self.folder + "/libcps-pkcs11.so")
        write("library", to: Self.folder + "/libcps-pkcs11-browser.so")
        write(
            "root:x:0:0::/root:/bin/sh\nsomebody:x:\(getuid()):\(getgid())::\(Self.home):/bin/sh\n", to: "/etc/passwd")
        makeFolder(Self.home)
    }

    deinit { ConstructedComputer.remove(root) }

    private static func remove(_ path: String) {
        for name in Machine(root: "").names(in: path) {
            if unsafe unlink("\(path)/\(name)") != 0 { remove("\(path)/\(name)") }
        }
        unsafe rmdir(path)
    }

    func makeFolder(_ path: String) {
        var made = root
        for part in path.parts("/") {
            made += "/\(part)"
            unsafe mkdir(made, 0o755)
        }
    }

    func write(_ text: String, to path: String, mode: mode_t = 0o644) {
        makeFolder(LinklessTree.parent(of: path))
        let file = unsafe open(root + path, O_WRONLY | O_CREAT | O_TRUNC, mode)
        _ = unsafe Glibc.write(file, text, text.utf8.count)
        fchmod(file, mode)
        close(file)
    }

    func link(_ path: String, to target: String) {
        makeFolder(LinklessTree.parent(of: path))
        _ = unsafe symlink(target, root + path)
    }

    func text(_ path: String) -> String? { Machine(root: root).text(of: path) }

    /// Each file, link and folder with mode and content.
    var snapshot: [String: String] { snapshot("") }

    private func snapshot(_ folder: String) -> [String: String] {
        let machine = Machine(root: root)
        var found: [String: String] = [:]
        for name in machine.names(in: folder.isEmpty ? "/" : folder) {
            let path = "\(folder)/\(name)"
            var status = stat()
            guard unsafe lstat(root + path, &status) == 0 else { continue }
            let mode = String(status.st_mode, radix: 8)
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                found[path] = mode
                found.merge(snapshot(path)) { $1 }
            case S_IFLNK: found[path] = "-> \(machine.linkTarget(of: path) ?? "")"
            default: found[path] = "\(mode) \(machine.text(of: path) ?? "")"
            }
        }
        return found
    }

    /// Runs it on this computer.
    @discardableResult
    func run(_ words: String...) throws -> StepReport {
        var options = try Options(words)
        options.root = root
        options.home = Self.home
        options.form = .json
        let run = RegistrationRun(options)
        run.doAll()
        return run.report
    }
}

extension StepReport {
    /// Whether a step says this, in English or French.
    func says(_ text: String) -> Bool { steps.contains { $0.contains(text) } }
    var isUnchanged: Bool { !hasChanged && !hasFailed }
}
