// SPDX-License-Identifier: Apache-2.0

import HostCryptography
import ISO7816
import SmartCardBytes

/// One inserted CPS card: what is on it, its codes and its keys. Every function
/// is one transaction, or a part of that of the function that calls it; between two
/// of them other programs use the card as they like, and what they leave behind is
/// put right here: another application selected, the logical channel closed, the
/// card reset (cards.md §1.3, §1.6).
/// Not to be used by two threads at once.
public final class CPSCard {
    /// The kind of card, known from the answer to reset; it decides on the command set and the rules.
    public let model: CardModel
    let channel: any CardChannel
    let commands: any CardCommands

    /// Counts the resets of the card that were noticed. A code that was presented
    /// before one of them is no longer presented.
    public private(set) var resetCount = 0

    /// Whether a code was presented through this object and not undone since.
    public internal(set) var hasPresentedCode = false

    /// Whether the reader has a keypad for codes; nil before it was asked.
    var readerHasPINPad: Bool?

    /// What is known of the card from earlier; nil before it has told who it is,
    /// and without a store.
    var memory: CardMemory?
    let store: (any CardFileStore)?

    /// What a CPS4 was just recognized by, until it is used.
    var freshTokenInfo: (file: [UInt8], content: TokenInfo)?

    /// Whether our applet is known not to be selected. Selecting it at once costs less than
    /// a refusal first; but selecting logs other programs out, so it is done only when no
    /// other program is connected.
    private var needsApplet: Bool

    /// - Parameters:
    ///   - channel: a connection to a card whose answer to reset is that of
    ///     `model`. Nothing is sent yet.
    ///   - store: where files of the card are kept; nil to read all from the card.
    public init(model: CardModel, channel: any CardChannel, store: (any CardFileStore)? = nil) {
        self.model = model
        self.channel = channel
        self.store = store
        needsApplet = model == .cps4 && !channel.isUsedByOthers
        switch model {
        case .cps3: commands = CPS3Commands(channel: channel, isContactless: false)
        case .cps3Contactless: commands = CPS3Commands(channel: channel, isContactless: true)
        case .cps4: commands = CPS4Commands(channel: channel)
        }
    }

    /// Ends the connection. The card is left as it is, unless a code was
    /// presented: then it is reset, so that no other program works on it.
    /// - Parameter forgettingCodes: false for a card that is not in the reader any
    ///   more: another one may be there already, whose state is not ours.
    public func disconnect(forgettingCodes: Bool = true) {
        if forgettingCodes, hasPresentedCode { try? forgetCodes() }
        channel.disconnect()
    }

    /// How long a neighbour's transaction is waited for, in milliseconds. Programs that
    /// list a card keep it for seconds.
    private static let patience = 5000

    /// Makes the card forget the codes that were presented (by a reset: these
    /// cards know no gentler way).
    public func forgetCodes() throws(CardError) {
        do throws(ChannelError) {
            try channel.reset(patience: CPSCard.patience)
        } catch {
            throw .channel(error)
        }
        noteReset()
    }

    /// Forgets what is known of the card from earlier: it has turned out wrong.
    func dropMemory() {
        if let memory { memory.store.forget(memory.fingerprint) }
        memory = nil
    }

    /// Forgets what is known of the card from earlier if something was taken from it:
    /// that may be why something has failed.
    /// - Returns: whether it was.
    public func forgetWhatWasKept() -> Bool {
        guard memory?.wasUsed == true else { return false }
        dropMemory()
        return true
    }

    /// Keeps what was read of the card, for the next time.
    func save() {
        if commands.exchange.hasLongResponses { memory?.rememberLongResponses() }
        memory?.save()
    }

    private func noteReset() {
        commands.exchange.forgetSelection()
        resetCount += 1
        needsApplet = model == .cps4
        hasPresentedCode = false
    }

    /// Runs commands while no other program can use the card. When the card's
    /// answer shows that our application is not selected any more, it is
    /// selected, and everything is run once more from the beginning: the body
    /// must not present a code (`presenting` does that). So it is when the card is
    /// reset on the way, unless a code was presented: that is lost, and the caller
    /// has to know.
    func transaction<Result>(_ body: () throws(CardError) -> Result) throws(CardError) -> Result {
        let hadPresentedCode = hasPresentedCode
        do throws(CardError) {
            return try inApplication(body)
        } catch  where error == .channel(.cardReset) && !hadPresentedCode && !isExclusive {
            return try inApplication(body)
        }
    }

    private func inApplication<Result>(_ body: () throws(CardError) -> Result) throws(CardError) -> Result {
        try exclusively { () throws(CardError) in
            do throws(CardError) {
                return try body()
            } catch  where error.saysApplicationLost {
                try commands.selectApplet()
                isSecondAttempt = true
                defer { isSecondAttempt = false }
                return try body()
            }
        }
    }

    /// Reads something, and once more when what came cannot be right: one garbled
    /// answer is not to be believed for the time of an insertion. What comes the
    /// second time is believed.
    func reading<Result>(
        _ read: () throws(CardError) -> Result, isSound: (Result) -> Bool
    ) throws(CardError) -> Result {
        do throws(CardError) {
            let first = try transaction(read)
            if isSound(first) { return first }
        } catch  where !error.maySucceedAgain {
            throw error
        } catch {}
        return try transaction(read)
    }

    /// Whether a transaction's body runs again after the applet was selected: what
    /// the card refuses now, it refuses.
    private(set) var isSecondAttempt = false

    /// Runs commands that present a code after making sure, with commands that
    /// may be repeated, that our application is the one that gets it.
    func presenting<Result>(_ body: () throws(CardError) -> Result) throws(CardError) -> Result {
        try exclusively { () throws(CardError) in
            try enterApplication()
            return try body()
        }
    }

    /// Selects the directory of the PKCS#15 application, where keys and codes
    /// are used, unless this transaction has been in it already; selects the applet
    /// first if it is not.
    func enterApplication() throws(CardError) {
        let directory = application
        if commands.isSelected(directory) { return }
        do throws(CardError) {
            try commands.selectSilently(directory)
        } catch  where error.saysApplicationLost || error == .status(.fileNotFound) {
            try commands.selectApplet()
            try commands.selectSilently(directory)
        }
    }

    /// Where the PKCS#15 application is; what EF.DIR says once it was read.
    var application: FilePath { knownApplication ?? standardApplication }
    var knownApplication: FilePath?
    private var standardApplication: FilePath { model == .cps3Contactless ? FilePath(0x0002) : FilePath(0x0001) }

    /// Whether a transaction is under way.
    private var isExclusive = false

    /// Runs commands while no other program can use the card; within another
    /// transaction of ours, as a part of it.
    /// - Parameter sendsNothing: whether the body asks the reader only.
    func exclusively<Result>(
        sendsNothing: Bool = false, _ body: () throws(CardError) -> Result
    ) throws(CardError) -> Result {
        if isExclusive { return try body() }
        do throws(ChannelError) {
            if try channel.beginTransaction() == .reset { noteReset() }
        } catch {
            throw .channel(error)
        }
        commands.exchange.forgetSelection()
        isExclusive = true
        defer {
            isExclusive = false
            channel.endTransaction()
        }
        do throws(CardError) {
            if needsApplet, !sendsNothing {
                // A refusal shows in the next answer.
                needsApplet = false
                do throws(CardError) {
                    try commands.selectApplet()
                } catch {
                    if case .channel = error { throw error }
                }
            }
            return try body()
        } catch {
            if error == .channel(.cardReset) { noteReset() }
            throw error
        }
    }
}
