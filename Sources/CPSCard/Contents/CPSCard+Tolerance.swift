// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// Reading damaged cards and garbled answers.
extension CPSCard {
    /// Reads something again if it is incomplete, before accepting that.
    func whole<Contents: CardContents>(
        _ read: () throws(CardError) -> Contents
    ) throws(CardError) -> Contents {
        try reading(read, isSound: \.isComplete)
    }

    /// Reads something optional: nil if the card refuses, or if the content is malformed.
    func readable<Value>(_ read: () throws(CardError) -> Value) throws(CardError) -> Value? {
        do throws(CardError) {
            return try read()
        } catch {
            if case .channel = error { throw error }
            if error.saysApplicationLost, !isSecondAttempt { throw error }
            return nil
        }
    }

    /// Parses the content of a file.
    /// - Throws: `.malformed`.
    func parse<Value>(
        _ file: [UInt8], with make: ([UInt8]) throws(MalformedBytes) -> Value
    ) throws(CardError) -> Value {
        do throws(MalformedBytes) {
            return try make(file)
        } catch {
            throw .malformed(error)
        }
    }
}
