// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import VirtualCPS

/// The faults of a card: those of the command line are counted from the insertion; the one
/// in the fault file is counted from the first APDU after the file appears.
struct FaultSchedule {
    private var planned: [PlannedFault]
    private var commandCount = 0
    private let file: FaultFile?

    init(_ planned: [PlannedFault], file: FaultFile?) {
        self.planned = planned
        self.file = file
    }

    /// The fault at the next APDU; call it once per APDU.
    mutating func next() throws(VirtualCardError) -> Fault? {
        commandCount += 1
        if let fault = try file?.next() { return fault }
        guard let index = planned.firstIndex(where: { $0.number == commandCount }) else { return nil }
        return planned.remove(at: index).fault
    }
}

/// A file with one fault; the card deletes it when it reads it.
final class FaultFile {
    private let path: String
    private var pending: (fault: PlannedFault, changed: timespec)?
    private var commandCount = 0

    init(path: String) { self.path = path }

    func next() throws(VirtualCardError) -> Fault? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            pending = nil
            return nil
        }
        let changed = status.st_mtim
        if pending.map({ $0.changed.tv_sec != changed.tv_sec || $0.changed.tv_nsec != changed.tv_nsec }) ?? true {
            let text = String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
            pending = (try PlannedFault(parsing: String(text.prefix { !$0.isNewline })), changed)
            commandCount = 0
        }
        commandCount += 1
        guard let fault = pending?.fault, fault.number == commandCount else { return nil }
        pending = nil
        unsafe unlink(path)
        return fault.fault
    }
}
