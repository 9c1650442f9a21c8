// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FoundationEssentials
import Messages
import VirtualCPS

/// Reads and checks a profile file.
func readProfile(_ path: String) throws -> DescribedCard {
    guard let data = FileManager.default.contents(atPath: path) else {
        throw VirtualCardError(Message("\(path) cannot be read", fr: "\(path) est illisible"))
    }
    do {
        return try DescribedCard(parsing: Array(data))
    } catch {
        throw VirtualCardError(Message("\(path): \(error)", fr: "\(path) : \(error)"))
    }
}
