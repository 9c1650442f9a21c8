// SPDX-License-Identifier: Apache-2.0

import HostSystem

/// Gives other programs their turn at a card that this one uses without a pause.
///
/// pcsc-lite hands a card over to nobody: a program that waits for it looks every 100 ms
/// whether it is free. Between two transactions that follow each other closely it is
/// free for some 50 µs only, so the other one may wait for a minute. From time to
/// time, therefore, a pause is made that nobody can miss.
struct TurnTaking {
    /// How long a pause lasts: longer than pcsc-lite's poll interval, in milliseconds.
    static let pause = 150
    /// How long a turn lasts before the first pause, and how long it becomes while nobody
    /// uses the pauses (a lone program loses 5 % at most), in milliseconds.
    private static let turns = 1000...3000
    /// How long another program that was seen counts as one that wants the card, in
    /// milliseconds: until then each of our transactions is followed by a pause.
    private static let memory = 3000

    private var turn = TurnTaking.turns.lowerBound
    /// When the card was last free for as long as a pause.
    private var lastFree = MonotonicTime.now.milliseconds
    private var lastEnd = MonotonicTime.now.milliseconds
    private var othersUntil = 0

    /// Whether a transaction that is to begin now must wait for a pause.
    mutating func isPauseDue() -> Bool {
        let now = MonotonicTime.now.milliseconds
        if now - lastEnd >= TurnTaking.pause {
            lastFree = now
            return false
        }
        return now < othersUntil || now - lastFree >= turn
    }

    /// Takes note of a pause.
    /// - Parameter wasUsed: whether another program was seen at the card.
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

    /// A transaction has ended.
    mutating func noteEnd() { lastEnd = MonotonicTime.now.milliseconds }
}
