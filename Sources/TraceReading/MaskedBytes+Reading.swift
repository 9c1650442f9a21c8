// SPDX-License-Identifier: Apache-2.0

import CallTrace

extension MaskedBytes {
    /// The words of a line, as `text` has them.
    init(words: some Collection<String>) {
        self.init(
            words.map { word in
                if word.utf8.first == UInt8(ascii: "*") { return .hidden(Int(word.dropFirst())) }
                return UInt8(word, radix: 16).map(Element.byte) ?? .hidden(nil)
            })
    }

    /// The byte at `index`; nil if it, or any byte before it, is hidden.
    subscript(index: Int) -> UInt8? {
        guard elements.indices.contains(index), case .byte(let byte) = elements[index] else { return nil }
        return elements[..<index].allSatisfy { if case .byte = $0 { true } else { false } } ? byte : nil
    }

    /// The data field of a short command.
    var commandData: Data {
        guard let first = elements.dropFirst(4).first else { return .none }
        if case .hidden(let count) = first { return .hidden(count) }
        guard let length = self[4], elements.count > 5 else { return .none }
        if case .hidden(let count) = elements[5] { return .hidden(count) }
        let bytes = elements.dropFirst(5).prefix(Int(length)).compactMap { element in
            if case .byte(let byte) = element { byte } else { nil }
        }
        return .shown(bytes)
    }

    enum Data: Equatable {
        case none
        case shown([UInt8])
        case hidden(Int?)
    }

    /// The number of bytes; hidden bytes of unknown number count as zero.
    var count: Int {
        elements.reduce(0) { sum, element in
            switch element {
            case .byte: sum + 1
            case .hidden(let count): sum + min(max(count ?? 0, 0), 65_536)
            }
        }
    }

    /// The status word: the last two bytes; nil if they are hidden.
    var status: UInt16? {
        guard elements.count >= 2, case .byte(let sw1) = elements[elements.count - 2],
            case .byte(let sw2) = elements[elements.count - 1]
        else { return nil }
        return UInt16(sw1) << 8 | UInt16(sw2)
    }
}
