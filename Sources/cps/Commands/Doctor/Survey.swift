// SPDX-License-Identifier: Apache-2.0

import CPSCard
import Glibc
import HostSystem
import ISO7816
import LoginRegister
import Messages
import PCSC

/// What pcscd, the readers and the cards have to say, asked once for all checks.
struct Survey: Sendable {
    let service: ServiceState
    /// nil when they could not be asked for.
    let readers: [SurveyedReader]?

    /// - Parameter patience: how long pcscd, and each card, are waited for, in seconds:
    ///   another program can keep a card for ever.
    init(patience: Int) {
        service = inTime(seconds: patience) { .current } ?? .silent
        guard service == .reachable, let found = inTime(seconds: patience, { Survey.allReaders }) ?? nil else {
            readers = nil
            return
        }
        readers = found.map { reader in
            guard let model = reader.model else { return SurveyedReader(reader, nil) }
            // Looked at first: the register says what was before this command came.
            let place = CardPlace(card: nil, reader: reader.name, eventCount: reader.state.eventCount)
            let register = FileLoginRegister()
            let logins = register.logins(on: place)
            let owners = register.owners(on: place)
            var card =
                inTime(seconds: patience) { SurveyedCard(in: reader, model: model) } ?? SurveyedCard(model: model)
            card.note(logins, owners)
            return SurveyedReader(reader, card)
        }
    }

    /// nil when pcscd does not tell.
    private static var allReaders: [Readers.Reader]? { try? Readers().all() }

    var cards: [SurveyedCard] { (readers ?? []).compactMap(\.card) }

    /// The cards, each with what stands before what is said of it: the reader, where there
    /// is more than one card.
    var cardsWithPlace: [(card: SurveyedCard, place: Message)] {
        let isAlone = cards.count == 1
        return (readers ?? []).compactMap { reader in
            guard let card = reader.card else { return nil }
            return (card, isAlone ? Message("", fr: "") : Message("\(reader.name): ", fr: "\(reader.name) : "))
        }
    }

    /// Those of them that could be asked.
    var answeringCards: [(card: SurveyedCard, place: Message)] { cardsWithPlace.filter(\.card.isAnswering) }
}

/// A reader, and the CPS card in it.
struct SurveyedReader: Sendable {
    let name: String
    let presence: ReaderState.Presence
    let card: SurveyedCard?

    init(_ reader: Readers.Reader, _ card: SurveyedCard?) {
        name = reader.name.printable
        presence = reader.presence
        self.card = card
    }
}

/// What a card says of itself. No PIN is presented, and nothing of its holder is stored.
struct SurveyedCard: Sendable {
    let model: CardModel
    private(set) var state = State.complete
    private(set) var pins: CountedPINs?
    private(set) var certificates: [(label: String, encoding: [UInt8]?)] = []
    /// The logins of this user's programs.
    private(set) var logins = LoginsOnCard()
    /// The processes of those that stand.
    private(set) var owners: [Int32] = []
    /// Whether other programs are connected to the card: then it keeps its power, and what
    /// was presented to it.
    private(set) var isUsedByOthers = true

    var pin: CountedPIN? { pins?.pin }
    var puk: CountedPIN? { pins?.puk }

    var isAnswering: Bool {
        switch state {
        case .complete, .incomplete, .updateInterrupted: true
        case .held, .refused, .failing: false
        }
    }

    /// A card that did not answer in time.
    init(model: CardModel) {
        self.model = model
        state = .held
    }

    init(in reader: Readers.Reader, model: CardModel) {
        self.model = model
        do {
            let channel = try PCSCReaderService().connect(to: reader.name)
            isUsedByOthers = channel.isUsedByOthers
            let card = CPSCard(model: model) { () throws(ChannelError) in channel }
            defer { card.close() }
            try read(card)
        } catch let error as ChannelError {
            state = State(.channel(error))
        } catch let error as CardError {
            state = State(error)
        } catch {
            state = State(.notACPSCard)
        }
    }

    private mutating func read(_ card: CPSCard) throws {
        let identity = try card.readIdentity()
        let pins = try CountedPINs.read(from: card, identity)
        self.pins = pins
        let contents = try card.readKeysAndCertificates(of: identity)
        for certificate in contents.certificates {
            certificates.append((certificate.label.printable, try? card.readCertificate(certificate)))
        }
        if identity.update == .interrupted {
            state = .updateInterrupted
        } else if !identity.isComplete || !contents.isComplete || !pins.isComplete {
            state = .incomplete
        }
    }

    mutating func note(_ logins: LoginsOnCard, _ owners: [Int32]) {
        self.logins = logins
        self.owners = owners
    }
}

extension SurveyedCard {
    /// How far a program gets with a card.
    enum State: Sendable {
        /// It answers, and all of it could be read.
        case complete
        /// It answers, but some of it could not be read.
        case incomplete
        /// It answers; an update of it was begun and not finished.
        case updateInterrupted
        /// Another program holds it exclusively, or did not end its transaction.
        case held
        /// pcscd refuses it to this user.
        case refused
        /// Any other error.
        case failing(Failure)

        var isHeld: Bool { if case .held = self { true } else { false } }

        fileprivate init(_ error: CardError) {
            self =
                switch error {
                case .channel(.sharingViolation): .held
                case .channel(.accessRefused): .refused
                default: .failing(Failure(error))
                }
        }
    }
}

/// The result of work that may wait for ever, if it came in time. Work that did not
/// goes on beside us until the program ends.
private func inTime<Result: Sendable>(seconds: Int, _ work: @escaping @Sendable () -> Result) -> Result? {
    let box = ResultBox<Result>()
    guard
        BackgroundThread.start({
            let result = work()
            box.result.withLock { $0 = result }
        })
    else { return work() }
    for _ in 0..<seconds * 100 {
        if let result = box.result.withLock({ $0 }) { return result }
        usleep(10_000)
    }
    return nil
}

/// Where the work of another thread leaves its result.
private final class ResultBox<Result: Sendable>: Sendable {
    let result = Lock<Result?>(nil)
}

/// A thread that nobody waits for.
private enum BackgroundThread {
    private final class Work {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// - Returns: whether the system gave us one.
    static func start(_ run: @escaping @Sendable () -> Void) -> Bool {
        var thread = pthread_t()
        let work = unsafe Unmanaged.passRetained(Work(run))
        let code = unsafe pthread_create(
            &thread, nil,
            { pointer in
                if let pointer = unsafe pointer { unsafe Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().run() }
                return nil
            }, work.toOpaque())
        guard code == 0 else {
            unsafe work.release()
            return false
        }
        pthread_detach(thread)
        return true
    }
}
