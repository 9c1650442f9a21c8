// SPDX-License-Identifier: Apache-2.0

import ISO7816

/// Command chaining (ISO/IEC 7816-4 §5.3.3; cards.md §1.3): blocks with bit 5 of
/// CLA set, all with the same INS, P1 and P2, then the last block without it.
struct CommandChain {
    private struct Header: Equatable {
        let ins: UInt8
        let p1: UInt8
        let p2: UInt8

        init(_ command: CardCommand) { (ins, p1, p2) = (command.ins, command.p1, command.p2) }
    }

    private var header: Header?
    private var data: [UInt8] = []

    /// Whether a last block is still expected.
    var isOpen: Bool { header != nil }

    mutating func abandon() {
        header = nil
        data = []
    }

    /// Call it with every command before processing it.
    /// - Throws: 6883 for a command other than SELECT that breaks an open chain,
    ///   6884 for a chained command of an instruction that cannot be chained.
    mutating func check(_ command: CardCommand, canChain: Bool) throws(Refusal) {
        if let header, header != Header(command) {
            abandon()
            guard command.ins == 0xA4 else {
                throw Refusal(StatusWord(rawValue: 0x6883), "a chain is open and this command does not go on with it")
            }
        }
        guard command.cla & 0x10 == 0 || canChain else {
            throw Refusal(StatusWord(rawValue: 0x6884), "this instruction cannot be chained")
        }
    }

    /// Adds a block.
    /// - Parameter limit: the maximum total length in bytes.
    /// - Returns: all data after the last block; nil before.
    mutating func collect(
        _ command: CardCommand, limit: Int, _ transport: TransportProtocol
    ) throws(Refusal) -> [UInt8]? {
        let all = data + command.data
        guard !command.data.isEmpty, all.count <= limit else {
            abandon()
            throw Refusal(.wrongLength, "\(all.count) bytes in the chain, \(limit) at the most")
        }
        guard command.cla & 0x10 != 0 else {
            abandon()
            return all
        }
        guard command.expectation != .atMost(256), command.expectedLength == nil else {
            abandon()
            throw Refusal(.wrongLength, "Le in a block that is not the last")
        }
        header = Header(command)
        data = all
        return nil
    }
}
