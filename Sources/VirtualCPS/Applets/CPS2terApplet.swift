// SPDX-License-Identifier: Apache-2.0

import ISO7816

/// The CPS2ter volet of CPS3: class A0, its own status words (cards.md §1.7,
/// §2.14).
struct CPS2terApplet {
    private var directory: VirtualFilePath = .root
    private var file: VirtualFilePath?
    /// The response data of SELECT, for GET RESPONSE.
    private var pending: [UInt8] = []

    static let badLength = StatusWord(rawValue: 0x6700)
    static let badAddress = StatusWord(rawValue: 0x9402)
    static let fileNotFound = StatusWord(rawValue: 0x9404)
    static let fileUnusable = StatusWord(rawValue: 0x9408)
    /// 98 04, also used for a missing PIN.
    static let pinNeeded = StatusWord(rawValue: 0x9804)

    mutating func respond(_ command: CardCommand, _ card: CardEnvironment) throws(Refusal) -> CardAnswer {
        guard let files = card.oldFiles else { throw Refusal(.classNotSupported, "this card has no CPS2ter volet") }
        let waiting = pending
        pending = []
        switch command.ins {
        case 0xA4: return try select(command, files)
        case 0xC0:
            guard !waiting.isEmpty else { throw Refusal(.noPreciseDiagnosis, "nothing is waiting") }
            guard command.data.isEmpty, let expected = command.expectedLength, expected <= waiting.count else {
                pending = waiting
                throw Refusal(CPS2terApplet.badLength, "\(waiting.count) bytes are waiting")
            }
            return .direct(Array(waiting.prefix(expected)), .success)
        case 0xB0: return try readBinary(command, card, files)
        default: throw Refusal(.instructionNotSupported, "instruction not known in the CPS2ter volet")
        }
    }

    mutating func forgetPending() { pending = [] }

    private mutating func select(_ command: CardCommand, _ files: FileTree) throws(Refusal) -> CardAnswer {
        guard command.parameters == 0 else { throw Refusal(.wrongParameters, "P1 P2 of SELECT must be 00 00") }
        guard command.data.count == 2 else { throw Refusal(CPS2terApplet.badLength, "an identifier has two bytes") }
        let identifier = try IASApplet.identifier(command)
        let candidates =
            identifier == VirtualFilePath.masterFile
            ? [.root] : [directory.appending(identifier)] + (directory.parent.map { [$0.appending(identifier)] } ?? [])
        guard let path = candidates.first(where: { files[$0] != nil }), let found = files[path] else {
            throw Refusal(CPS2terApplet.fileNotFound, "there is no such file in the CPS2ter volet")
        }
        if found.isDirectory {
            directory = path
            file = nil
        } else {
            directory = path.parent ?? .root
            file = path
        }
        pending = FileControlInformation.cps2ter(found, at: path)
        return .status(StatusWord(0x9F, UInt8(truncatingIfNeeded: pending.count)))
    }

    private func readBinary(
        _ command: CardCommand, _ card: CardEnvironment, _ files: FileTree
    ) throws(Refusal) -> CardAnswer {
        guard command.data.isEmpty, let expected = command.expectedLength else {
            throw Refusal(CPS2terApplet.badLength, "READ BINARY has an Le and no data")
        }
        guard let path = file, let current = files.elementary(path) else {
            throw Refusal(CPS2terApplet.fileUnusable, "no file is selected")
        }
        guard card.meets(current.contact.read) else {
            throw Refusal(CPS2terApplet.pinNeeded, "reading \(path) needs the PIN")
        }
        let offset = Int(command.parameters)
        guard offset + expected <= current.contents.count else {
            throw Refusal(CPS2terApplet.badAddress, "\(path) ends before")
        }
        return .direct(Array(current.contents[offset..<offset + expected]), .success)
    }
}
