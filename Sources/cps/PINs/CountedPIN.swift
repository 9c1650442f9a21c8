// SPDX-License-Identifier: Apache-2.0

import CPSCard
import Messages
import SmartCardBytes

/// The PIN and the PUK of one card, with their retry counters.
struct CountedPINs {
    /// nil if the card has none, or if its PIN directory does not list it.
    let pin: CountedPIN?
    let puk: CountedPIN?
    fileprivate let contents: CardPINs
    fileprivate let model: CardModel

    /// Whether the PIN directory could be read.
    var isComplete: Bool { contents.isComplete && (pin != nil || !model.hasPIN) }

    /// Why there is no PIN, or no PUK; nil if there are both.
    var problem: CardError? {
        do throws(CardError) {
            _ = try contents.neededUserPIN(on: model)
            _ = try contents.neededPUK(on: model)
            return nil
        } catch {
            return error
        }
    }

    /// Reads the card's PIN, PUK and their retry counters. None is presented.
    /// - Throws: `CardError`.
    static func read(from card: CPSCard, _ identity: CardIdentity) throws(CardError) -> CountedPINs {
        let found = try card.readPINs(of: identity)
        let objects = [found.userPIN, found.puk].compactMap { $0 }
        let counters = try card.retryCounters(of: objects)
        let counted = { (role: PINRole, object: PINObject?, isUnblockedByNothing: Bool) in
            object.map { object in
                let index = objects.firstIndex(of: object)
                return CountedPIN(
                    role: role, object: object,
                    counter: index.flatMap { counters.indices.contains($0) ? counters[$0] : nil },
                    isUnblockedByNothing: isUnblockedByNothing)
            }
        }
        let puk = counted(.unblocking, found.puk, true)
        return CountedPINs(
            pin: counted(.user, found.userPIN, puk?.triesLeft == 0), puk: puk, contents: found,
            model: card.model)
    }

    /// - Throws: `CardError`: the reason why there is none.
    func neededPIN() throws(CardError) -> CountedPIN {
        _ = try contents.neededUserPIN(on: model)
        guard let pin else { throw .pinsUnreadable }
        return pin
    }

    /// - Throws: `CardError`: the reason why there is none.
    func neededPUK() throws(CardError) -> CountedPIN {
        _ = try contents.neededPUK(on: model)
        guard let puk else { throw .pinsUnreadable }
        return puk
    }
}

/// The PIN or the PUK, with its retry counter.
struct CountedPIN {
    let role: PINRole
    let object: PINObject
    /// nil if the card does not report it.
    let counter: RetryCounter?
    /// Whether nothing can unblock it.
    let isUnblockedByNothing: Bool

    /// The tries left. The maximum while another program is logged in, when a CPS4 does not
    /// report them; nil if not known.
    var triesLeft: Int? { counter.map { $0.left ?? $0.maximum } }

    /// "2 of 3 tries left".
    var sentence: Message {
        guard let counter, let left = triesLeft else {
            return Message("the card does not report the tries left", fr: "la carte ne dit pas les essais restants")
        }
        switch (left, role) {
        case (0, .user): return Message("blocked, no try left", fr: "bloqué, il ne reste aucun essai")
        case (0, .unblocking):
            return Message(
                "permanently blocked, no try left", fr: "définitivement bloqué, il ne reste aucun essai")
        case (1, _):
            return Message(
                "1 of \(counter.maximum) tries left: the last one",
                fr: "il reste 1 essai sur \(counter.maximum) : le dernier")
        default:
            return Message(
                "\(left) of \(counter.maximum) tries left", fr: "il reste \(left) essais sur \(counter.maximum)")
        }
    }

    /// Refuses a blocked PIN, and the last try without confirmation.
    /// - Throws: `Failure` with `.pinBlocked` or `.cancelled`.
    func allowPresentation(_ lastTry: LastTryOption, canAsk: Bool) throws(Failure) {
        switch triesLeft {
        case 0: throw blocked
        case 1 where !lastTry.useLastTry:
            guard canAsk else { throw lastTryRefused }
            let conversation = try Conversation(otherwise: lastTryOption)
            conversation.say(lastTryWarning)
            let question = Message("Type yes in full to use it: ", fr: "Tapez oui en entier pour l'utiliser : ")
            guard try conversation.confirms(question) else { throw lastTryRefused }
        default: return
        }
    }

    /// Checks digits and length before anything is sent to the card.
    /// - Throws: `Failure` with `.cancelled`; nothing was sent to the card.
    func check(_ secret: borrowing SecretBytes) throws(Failure) {
        do throws(CardError) {
            _ = try object.block(for: secret)
        } catch .pinLength {
            throw Failure(
                .cancelled,
                Message(
                    "\(name.english) has \(digits.english); nothing was sent to the card.",
                    fr: "\(name.french) a \(digits.french) ; rien n'a été envoyé à la carte."))
        } catch {
            throw Failure(error)
        }
    }

    // MARK: Words

    /// Its name with the article, for the start of a sentence.
    var name: Message {
        switch role {
        case .user: Message("The PIN", fr: "Le code porteur")
        case .unblocking: Message("The unblocking code", fr: "Le code de déblocage")
        }
    }

    /// Asks for it, with the tries left.
    var question: Message {
        switch role {
        case .user: Message("PIN (\(sentence.english)): ", fr: "Code porteur (\(sentence.french)) : ")
        case .unblocking:
            Message("Unblocking code (\(sentence.english)): ", fr: "Code de déblocage (\(sentence.french)) : ")
        }
    }

    /// "4 to 8 digits".
    var digits: Message {
        let (least, most) = (object.minimumLength, object.maximumLength)
        return least == most
            ? Message("\(least) digits", fr: "\(least) chiffres")
            : Message("\(least) to \(most) digits", fr: "\(least) à \(most) chiffres")
    }

    var blocked: Failure {
        guard isUnblockedByNothing else { return Failure(CardError.pinBlocked) }
        let what =
            switch role {
            case .user:
                Message(
                    "The PIN and the unblocking code are blocked",
                    fr: "Le code porteur et le code de déblocage sont bloqués")
            case .unblocking: Message("The unblocking code is blocked", fr: "Le code de déblocage est bloqué")
            }
        return Failure(
            .pinBlocked,
            Message(
                "\(what.english): this card can no longer be unblocked.",
                fr: "\(what.french) : cette carte ne peut plus être débloquée."),
            remedy: Message("Ask for a new card.", fr: "Demandez une nouvelle carte."))
    }

    private var lastTryWarning: Message {
        switch role {
        case .user:
            Message(
                "This is the last try: a wrong PIN blocks the card.",
                fr: "C'est le dernier essai : un code porteur faux bloque la carte.")
        case .unblocking:
            Message(
                "This is the last try: a wrong unblocking code makes the card unusable forever.",
                fr: "C'est le dernier essai : un code de déblocage faux rend la carte inutilisable pour toujours.")
        }
    }

    private var lastTryOption: Message {
        Message(
            "--use-last-try uses the last try without asking.",
            fr: "--use-last-try utilise le dernier essai sans demander.")
    }

    private var lastTryRefused: Failure {
        Failure(
            .cancelled,
            Message(
                "Only one try is left; it was not used.", fr: "Il reste un seul essai, et il n'a pas été utilisé."),
            remedy: lastTryOption)
    }
}

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
