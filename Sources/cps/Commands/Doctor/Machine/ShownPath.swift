// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Messages

extension Machine {
    /// A path as people write it: without their own name in it.
    func shown(_ path: String) -> String {
        path.hasPrefix(home + "/") ? "~" + path.dropFirst(home.count) : path.printable
    }

    /// A remedy that root types: a command of the system's own tool for packages.
    func installing(_ need: PackageTool.Need) -> Message {
        let command = PackageTool(on: self).installing(need)
        return Message("As root: \(command)", fr: "En tant que root : \(command)")
    }
}
