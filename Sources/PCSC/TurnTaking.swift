// SPDX-License-Identifier: Apache-2.0

import HostSystem

/// Gives other programs their turn at a card that this one uses without a pause.
///
/// pcsc-lite has no queue for a card: a waiting program checks every 100 ms whether it is free. Between two
/// consecutive transactions it is free for only some 50 µs, so a waiting program may need a minute. Therefore this
/// program sometimes makes a pause that no other program can miss.
struct TurnTaking {
    /// The length of a pause in milliseconds: longer than pcsc-lite's poll interval.
    static let pause = 150
    /// The length of a turn before the first pause, and its maximum while nobody uses the pauses (a lone program
    /// loses at most 5 %), in milliseconds.
    private static let turns = 1000...3000
    /// How long another program counts as waiting for the card after it was last noticed, in milliseconds. Until then
    /// a pause follows each of our transactions.
    private static let memory = 3000

    private var turn = TurnTaking.turns.lowerBound
    /// When the card was last free for the length of a pause.
    private var lastFree = MonotonicTime.now.milliseconds
    private var lastEnd = MonotonicTime.now.milliseconds
    private var othersUntil = 0

    /// Whether the next transaction must wait for a pause.
    mutating func isPauseDue() -> Bool {
        let now = MonotonicTime.now.milliseconds
        if now - lastEnd >= TurnTaking.pause {
            lastFree = now
            return false
        }
        return now < othersUntil || now - lastFree >= turn
    }

    /// Notes a pause.
    /// - Parameter wasUsed: whether another program used the card.
    mutating func notePause(wasUsed: Bool) {
        let now = MonotonicTime.now.milliseconds
        lastFree = now
        if wasUsed {
            othersUntil = now + TurnTaking.memory
            turn = TurnTaking.turns.lowerBound
        } else if now >= othersUntil {
            turn = min(turn * 2, TurnTaking.turns.upperBound)
        }
    }

    /// Notes the end of a transaction.
    mutating func noteEnd() { lastEnd = MonotonicTime.now.milliseconds }
}
