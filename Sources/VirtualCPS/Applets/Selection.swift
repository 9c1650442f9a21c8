// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import ISO7816

/// The current directory and file of one logical channel (ISO/IEC 7816-4 §7.1), and the file
/// commands that IAS-ECC and ChipDoc share.
struct Selection {
    /// The current DF.
    var directory: VirtualFilePath = .root
    /// The current EF.
    var file: VirtualFilePath?

    /// Makes a file or directory current.
    /// - Returns: whether a directory was selected, also the same one again: its security
    ///   environment is then cleared.
    mutating func select(_ path: VirtualFilePath, in tree: FileTree) throws(Refusal) -> Bool {
        guard let found = tree[path] else { throw Refusal(.fileNotFound, "there is no \(path)") }
        if found.isDirectory {
            directory = path
            file = nil
            return true
        }
        let parent = path.parent ?? .root
        let changed = parent != directory
        directory = parent
        file = path
        return changed
    }

    /// The file that a bare identifier names: the MF, a child of the current DF,
    /// the current DF itself, its parent, or a child of its parent
    /// (ISO/IEC 7816-4 §7.1.1, P1 = 00).
    func path(identifier: UInt16, in tree: FileTree) throws(Refusal) -> VirtualFilePath {
        if identifier == VirtualFilePath.masterFile { return .root }
        var candidates = [directory.appending(identifier)]
        if directory.identifier == identifier { candidates.append(directory) }
        if let parent = directory.parent {
            if parent.identifier == identifier { candidates.append(parent) }
            candidates.append(parent.appending(identifier))
        }
        guard let path = candidates.first(where: { tree[$0] != nil }) else {
            throw Refusal(.fileNotFound, "nothing has this identifier here")
        }
        return path
    }

    /// The current EF and its path.
    func current(in tree: FileTree) throws(Refusal) -> (path: VirtualFilePath, file: ElementaryFile) {
        guard let path = file, let elementary = tree.elementary(path) else {
            throw Refusal(.commandNotAllowed, "no file is selected")
        }
        return (path, elementary)
    }

    /// Makes the file with this short identifier (tag 88 of the FCI) in the current DF current.
    /// OpenSC uses this, the official library never does.
    private mutating func select(shortIdentifier: UInt8, in tree: FileTree) throws(Refusal) {
        let path = tree.paths.first { path in
            path.parent == directory && tree.elementary(path)?.shortIdentifier == shortIdentifier << 3
        }
        guard shortIdentifier != 0, let path else {
            throw Refusal(.fileNotFound, "no file here has this short identifier")
        }
        file = path
    }

    /// READ BINARY (cards.md §2.5, §9.4).
    mutating func readBinary(
        _ command: CardCommand, _ card: CardEnvironment, shortIdentifiers: Bool
    ) throws(Refusal) -> CardAnswer {
        try command.expectResponse()
        guard command.data.isEmpty, let expected = command.expectedLength else {
            throw Refusal(.wrongLength, "READ BINARY has no command data")
        }
        let isShort = command.p1 & 0x80 != 0
        if isShort {
            guard shortIdentifiers, command.p1 & 0x60 == 0 else {
                throw Refusal(.incorrectParameters, "short file identifiers are not used")
            }
            try select(shortIdentifier: command.p1 & 0x1F, in: card.files)
        }
        let (path, file) = try current(in: card.files)
        guard card.meets(file.rule(over: card.interface).read) else {
            throw Refusal(.securityStatusNotSatisfied, "reading \(path) is not allowed now")
        }
        let offset = isShort ? Int(command.p2) : Int(command.parameters)
        guard offset < file.contents.count else {
            throw Refusal(.wrongParameters, "the offset is beyond the end of \(path)")
        }
        let rest = file.contents[offset...]
        if let longest = card.options.likeness?.longestRead, expected > longest, rest.count > longest {
            return .direct(Array(rest.prefix(longest)), .success)
        }
        if rest.count >= expected { return .direct(Array(rest.prefix(expected)), .success) }
        if card.transport == .t0 {
            throw Refusal(StatusWord(0x6C, UInt8(truncatingIfNeeded: rest.count)), "Le beyond the end of \(path)")
        }
        return .direct(Array(rest), expected == 256 ? .success : .endOfFileReached)
    }

    /// UPDATE BINARY: only CPS_DATA, after the PIN (our choice: not known, cards.md
    /// §5.4).
    func updateBinary(_ command: CardCommand, _ card: inout CardEnvironment) throws(Refusal) -> CardAnswer {
        guard !command.data.isEmpty else { throw Refusal(.wrongLength, "UPDATE BINARY without data") }
        try command.expectNoResponse(card.transport)
        guard command.p1 & 0x80 == 0 else {
            throw Refusal(.incorrectParameters, "short file identifiers are not used")
        }
        var (path, file) = try current(in: card.files)
        guard card.meets(file.rule(over: card.interface).update) else {
            throw Refusal(.securityStatusNotSatisfied, "updating \(path) is not allowed now")
        }
        let offset = Int(command.parameters)
        guard offset < file.contents.count else {
            throw Refusal(.wrongParameters, "the offset is beyond the end of \(path)")
        }
        guard offset + command.data.count <= file.contents.count else {
            throw Refusal(.notEnoughMemory, "the data reach beyond the end of \(path)")
        }
        file.contents.replaceSubrange(offset..<offset + command.data.count, with: command.data)
        card.files.setContents(file.contents, of: path)
        return .done
    }

    /// GET CHALLENGE: eight bytes (cards.md §4.7).
    static func challenge(_ command: CardCommand, _ card: CardEnvironment) throws(Refusal) -> CardAnswer {
        try command.expect(parameters: 0)
        guard command.data.isEmpty, let expected = command.expectedLength else {
            throw Refusal(.wrongLength, "GET CHALLENGE has an Le and no data")
        }
        guard expected == 8 || (expected == 256 && card.transport == .t1) else {
            throw Refusal(StatusWord(0x6C, 8), "challenges have eight bytes")
        }
        guard let bytes = SystemRandom.bytes(count: 8) else {
            throw Refusal(.noPreciseDiagnosis, "the system gives no random bytes")
        }
        return .direct(bytes, .success)
    }
}
