// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// The two transmission protocols of contact cards (ISO/IEC 7816-3). Contactless cards appear as T=1.
public enum TransportProtocol: Sendable, Hashable {
    /// T=0, byte by byte.
    case t0
    /// T=1, block by block.
    case t1
}

/// A short command APDU (ISO/IEC 7816-4 §5.1).
public struct CommandAPDU: Sendable, Equatable {
    /// The longest command data field, in bytes.
    public static let maximumDataLength = 255
    /// The longest response data field, in bytes.
    public static let maximumResponseLength = 256

    /// The class byte: 00 for ISO commands, bit 5 (0x10) for all but the last block of a chain.
    public var cla: UInt8
    /// The instruction byte.
    public var ins: UInt8
    /// The first parameter byte.
    public var p1: UInt8
    /// The second parameter byte.
    public var p2: UInt8
    /// The command data field, at most 255 bytes. `CommandExchange` refuses a longer one
    /// (`ChannelError.commandTooLong`).
    public var data: [UInt8]
    /// Ne: the most response bytes expected, 1 to 256; nil for none.
    public var expectedLength: Int?

    /// Makes a command. Lengths are not checked here; `CommandExchange` checks them.
    public init(
        _ cla: UInt8, _ ins: UInt8, _ p1: UInt8, _ p2: UInt8, data: [UInt8] = [], expectedLength: Int? = nil
    ) {
        self.cla = cla
        self.ins = ins
        self.p1 = p1
        self.p2 = p2
        self.data = data
        self.expectedLength = expectedLength
    }

    /// The bytes that go to the reader. With T=0, a case 1 command has a fifth byte 00. A case 4 command has no Le,
    /// and GET RESPONSE fetches its response (cards.md §1.3).
    public func encoded(for transport: TransportProtocol) -> [UInt8] {
        var bytes = [cla, ins, p1, p2]
        if !data.isEmpty {
            bytes.append(UInt8(truncatingIfNeeded: data.count))
            bytes += data
        }
        if let expectedLength {
            if data.isEmpty || transport == .t1 { bytes.append(UInt8(truncatingIfNeeded: expectedLength)) }
        } else if data.isEmpty && transport == .t0 {
            bytes.append(0)
        }
        return bytes
    }
}

/// A card's response: data and status (ISO/IEC 7816-4 §5.1).
public struct ResponseAPDU: Sendable, Equatable {
    /// The response data field without the status, 0 to 256 bytes; more if GET RESPONSE has joined several.
    public var data: [UInt8]
    /// SW1 and SW2.
    public var status: StatusWord

    /// Makes a response from its two parts, for virtual cards.
    public init(data: [UInt8] = [], status: StatusWord) {
        self.data = data
        self.status = status
    }

    /// Parses the raw bytes of a response.
    /// - Throws: `ChannelError.malformedResponse` for fewer than two bytes.
    public init(parsing bytes: [UInt8]) throws(ChannelError) {
        guard bytes.count >= 2 else { throw .malformedResponse }
        data = Array(bytes.dropLast(2))
        status = StatusWord(bytes[bytes.count - 2], bytes[bytes.count - 1])  // checked: two bytes or more, see above
    }
}
