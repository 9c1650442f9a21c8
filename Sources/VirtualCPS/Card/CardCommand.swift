// SPDX-License-Identifier: Apache-2.0

import ISO7816

/// A parsed command APDU.
struct CardCommand {
    /// The response data that the host expects.
    enum Expectation: Equatable {
        /// T=1 without Le: none.
        case none
        /// An Le, 1 to 256.
        case atMost(Int)
        /// T=0 with command data: response data, if any, is fetched by GET RESPONSE.
        case fetched
    }

    var cla: UInt8
    var ins: UInt8
    var p1: UInt8
    var p2: UInt8
    var data: [UInt8]
    var expectation: Expectation

    /// P1 and P2 as one number.
    var parameters: UInt16 { UInt16(p1) << 8 | UInt16(p2) }

    /// Le, if there is one.
    var expectedLength: Int? {
        if case .atMost(let length) = expectation { length } else { nil }
    }

    /// Parses one command by the protocol's rules (cards.md §1.3).
    init(_ bytes: [UInt8], _ transport: TransportProtocol) throws(Refusal) {
        guard bytes.count >= 4 else { throw Refusal(.wrongLength, "fewer than four bytes") }
        (cla, ins, p1, p2) = (bytes[0], bytes[1], bytes[2], bytes[3])
        data = []
        let third = bytes.count > 4 ? Int(bytes[4]) : 0
        let body = Array(bytes.dropFirst(5))
        switch (transport, bytes.count) {
        case (.t0, 4): throw Refusal(.wrongLength, "T=0 commands have five bytes at least")
        case (_, 4): expectation = .none
        case (_, 5): expectation = .atMost(third == 0 ? 256 : third)
        default:
            guard third > 0 else { throw Refusal(.wrongLength, "Lc is 00: no extended length here") }
            data = Array(body.prefix(third))
            switch (transport, body.count - third) {
            case (.t0, 0): expectation = .fetched
            case (.t0, 1): throw Refusal(.wrongLength, "T=0 has no place for Le behind command data")
            case (.t1, 0): expectation = .none
            case (.t1, 1): expectation = .atMost(body[third] == 0 ? 256 : Int(body[third]))
            default: throw Refusal(.wrongLength, "Lc and the number of bytes do not agree")
            }
        }
    }
}

/// An error status word with the reason for the card's log.
struct Refusal: Error {
    let status: StatusWord
    let reason: String

    init(_ status: StatusWord, _ reason: String) {
        self.status = status
        self.reason = reason
    }
}

/// An application's response, unless it refuses.
enum CardAnswer {
    /// 9000 alone.
    case done
    /// Data returned at once with T=0, too: READ BINARY, GET CHALLENGE. The length already
    /// matches Le; `status` may be 6282.
    case direct([UInt8], StatusWord)
    /// Response data: at once with T=1, by GET RESPONSE with T=0.
    case response([UInt8])
    /// Another status word without data: 63Cx for the empty VERIFY.
    case status(StatusWord)
}

extension CardCommand {
    /// - Throws: 6700 if the host expects response data and there is none.
    func expectNoResponse(_ transport: TransportProtocol) throws(Refusal) {
        switch (expectation, transport) {
        case (.none, _), (.fetched, _): return
        case (.atMost(let length), .t0) where length == 256 && data.isEmpty: return
        default: throw Refusal(.wrongLength, "Le, but this command has no response data")
        }
    }

    /// - Throws: 6700 for a command with response data that does not ask for any.
    func expectResponse() throws(Refusal) {
        guard expectation != .none else { throw Refusal(.wrongLength, "no Le, but this command has response data") }
    }

    func expect(parameters expected: UInt16) throws(Refusal) {
        guard parameters == expected else {
            throw Refusal(.incorrectParameters, "P1 P2 not known for this instruction")
        }
    }
}
