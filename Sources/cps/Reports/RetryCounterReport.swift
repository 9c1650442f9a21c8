// SPDX-License-Identifier: Apache-2.0

/// What is left of a code.
struct RetryCounterReport: Encodable {
    /// Left out when the card does not tell.
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
