// SPDX-License-Identifier: Apache-2.0

/// The retry counter of a PIN or PUK.
struct RetryCounterReport: Encodable {
    /// Left out if the card does not report it.
    let triesLeft: Int?
    let maximum: Int?
    let isBlocked: Bool

    init(_ pin: CountedPIN) {
        triesLeft = pin.triesLeft
        maximum = pin.counter?.maximum
        isBlocked = pin.triesLeft == 0
    }
}

extension CountedPIN {
    /// The tries left, for people.
    var styledSentence: StyledText {
        guard let left = triesLeft, let counter else { return StyledText(sentence.text, .warning) }
        return StyledText(sentence.text, left == 0 ? .bad : left < counter.maximum ? .warning : .good)
    }
}
