// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// Reading from cards that are damaged, or whose answers come garbled.
extension CPSCard {
    /// Reads once more what had gaps, before the gaps are believed.
    func whole<Contents: CardContents>(
        _ read: () throws(CardError) -> Contents
    ) throws(CardError) -> Contents {
        try reading(read, isSound: \.isComplete)
    }

    /// The result of reading something that the card may do without: nil when the
    /// card refuses or what it has cannot be understood.
    func readable<Value>(_ read: () throws(CardError) -> Value) throws(CardError) -> Value? {
        do throws(CardError) {
            return try read()
        } catch {
            if case .channel = error { throw error }
            if error.saysApplicationLost, !isSecondAttempt { throw error }
            return nil
        }
    }

    /// What a file means.
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
