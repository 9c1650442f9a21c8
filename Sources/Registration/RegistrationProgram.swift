// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Glibc
import HostSystem
import Messages

/// The program that sets programs up with the library, or undoes it; `cps register`, `cps
/// unregister` and the packages run it.
public enum RegistrationProgram {
    private static let failed: Int32 = 8
    private static let wrongUsage: Int32 = 64

    /// - Parameter arguments: without the program's name.
    /// - Returns: the exit status, as in cps(1): 8 when something could not be done, 64 for words
    ///   that are not known.
    public static func run(_ arguments: [String]) -> Int32 {
        if arguments.contains("--help") {
            write(usage.text + "\n", to: STDOUT_FILENO)
            return 0
        }
        var options: Options
        do throws(Obstacle) {
            options = try Options(arguments)
        } catch {
            write("\(error.message.text)\n\(usage.text)\n", to: STDERR_FILENO)
            return wrongUsage
        }
        umask(0o022)
        // A closed pipe is no error: what is to be done is done.
        _ = signal(SIGPIPE, SIG_IGN)
        options.builtLibrary = builtLibrary
        if let account = options.account, !Account.become(user: account.user, group: account.group) { return failed }
        let run = RegistrationRun(options)
        run.doAll()
        run.report.finish(isDryRun: options.isDryRun)
        if options.account != nil { return run.outcome.status }
        return run.report.hasFailed ? failed : 0
    }

    /// The library beside this program, as in the folder of a build; CPS_LIBRARY names another one
    /// there. In a package there is none.
    private static var builtLibrary: String? {
        guard let folder = Machine.programFolder else { return nil }
        let file = folder + "/libcps-pkcs11.so"
        guard unsafe access(file, F_OK) == 0 else { return nil }
        return Machine.environment("CPS_LIBRARY") ?? file
    }

    private static let usage: Message = {
        let usage = { (folder: String) in
            let words = ClientWord.allCases.map { $0 == .nss ? "nss \(folder)" : $0.rawValue }.joined(separator: "|")
            return "register [--undo] [--dry-run] [--all-users] [--json] [--root \(folder)] [\(words) ...]"
        }
        return Message("Usage: \(usage("FOLDER"))", fr: "Usage : \(usage("DOSSIER"))")
    }()

    private static func write(_ text: String, to descriptor: Int32) {
        _ = WholeWrite.write(Array(text.utf8), to: descriptor)
    }
}
