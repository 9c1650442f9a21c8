// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import ISO7816
import Messages
import SmartCardBytes
import VirtualCPS

/// Inserts a card and answers for it until it is removed.
struct Insert: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: Message(
            "Insert a card into a vpcd reader; SIGTERM or Ctrl-C removes it.",
            fr: "Insère une carte dans un lecteur vpcd ; SIGTERM ou Ctrl-C la retire."
        ).text)

    @Option(help: help("The card's profile (JSON).", "Le profil de la carte (JSON).", "file"))
    var profile: String?

    @Option(
        help: help(
            "Make a card of the shape that this report of `cps card report` tells of, with the profile's person, keys and data.",
            "Fait une carte de la forme que dit ce rapport de « cps card report », avec la personne, les clés et les données du profil.",
            "report"))
    var like: String?

    @Option(
        help: help(
            "A hierarchy made by scripts/make-test-hierarchy.",
            "Une hiérarchie faite par scripts/make-test-hierarchy.", "dir"))
    var hierarchy: String?

    @Option(
        help: help(
            "Insert an unknown card with this ATR: it refuses everything.",
            "Insère une carte inconnue avec cet ATR : elle refuse tout.", "hex"))
    var rawATR: String?

    @Option(
        help: help(
            "The generation, instead of the profile's: cps3, cps3-contactless or cps4.",
            "La génération, au lieu de celle du profil : cps3, cps3-contactless ou cps4.", "generation"))
    var generation: String?

    @Option(help: help("The reader's TCP port.", "Le port TCP du lecteur.", "port"))
    var port: UInt16 = 35963

    @Option(help: help("The machine that vpcd runs on.", "La machine de vpcd.", "host"))
    var host = "localhost"

    @Option(
        name: .customLong("protocol"),
        help: help(
            "t0 or t1: the one that the reader chooses.", "t0 ou t1 : celui que le lecteur choisit.", "protocol"
        ))
    var transport: String?

    @Option(
        help: help(
            "Store counters, PIN and CPS_DATA in this file.", "Garde compteurs, code et CPS_DATA dans ce fichier.",
            "file"))
    var state: String?

    @Option(
        help: help(
            "Write each APDU to this file, PINs masked.", "Écrit chaque APDU dans ce fichier, codes masqués.", "file"))
    var trace: String?

    @Option(
        help: help(
            "Be as slow as a real card: milliseconds per APDU, microseconds per byte, milliseconds per RSA operation.",
            "Est aussi lente qu'une vraie carte : millisecondes par APDU, microsecondes par octet, millisecondes par opération RSA.",
            "ms,us,ms"))
    var latency: String?

    @Flag(help: help("Log to stderr why the card refuses commands.", "Dit sur stderr pourquoi la carte refuse."))
    var log = false

    @Option(
        help: help(
            "Log to this file why the card refuses commands.", "Dit dans ce fichier pourquoi la carte refuse.", "file"))
    var logFile: String?

    @Option(
        help: help(
            "Replace the content of a card file, or its bytes from an offset on: 0001/7006=FFFF or 0001/7006@4=FF.",
            "Remplace le contenu d'un fichier de la carte, ou ses octets à partir d'une position : 0001/7006=FFFF ou 0001/7006@4=FF.",
            "path=hex"))
    var corruptFile: [String] = []

    @Option(help: help("Cut a card file after N bytes.", "Coupe un fichier de la carte après N octets.", "path=n"))
    var truncateFile: [String] = []

    @Option(
        help: help(
            "How the PIN is presented, instead of the profile's: padded or unpadded.",
            "Comment le code est présenté, au lieu de ce que dit le profil : padded ou unpadded.", "shape"))
    var pinBlock: String?

    @Flag(
        help: help(
            "CPS3: refuse SELECT of a file with P2 = 0C.", "CPS3 : refuse le SELECT d'un fichier avec P2 = 0C."))
    var noSilentSelect = false

    @Flag(
        help: help(
            "T=0: refuse to read a file before the response to its SELECT was fetched.",
            "T=0 : refuse de lire un fichier avant que la réponse à son SELECT soit demandée."))
    var fetchSelect = false

    @Flag(
        help: help(
            "CPS3: lose the login on return from the CPS2ter volet.",
            "CPS3 : perd l'accès au retour du volet CPS2ter."))
    var forgetfulVolet = false

    @Flag(
        help: help(
            "Leave the serial number out of TokenInfo.", "Laisse le numéro de série hors de TokenInfo."))
    var noTokenSerial = false

    @Option(
        name: .customLong("atr"),
        help: help(
            "An answer to reset instead of the card's usual one.", "Une autre réponse au reset que celle de la carte.",
            "hex"))
    var answerToReset: String?

    @Flag(
        help: help(
            "CPS4: the empty VERIFY answers 63Cx, not 9000, when the PIN is verified.",
            "CPS4 : le VERIFY vide répond 63Cx, et non 9000, quand le code est vérifié."))
    var counterWhenVerified = false

    @Option(
        help: help(
            """
            Cause a fault at the N-th APDU: drop (the card is removed), reset (it forgets everything, \
            unnoticed), repeat (the previous response once more), garbage:HEX, truncate:BYTES, shorten:BYTES (data only), \
            status:SW, refuse:SW (the card does not see the command), delay:MS.
            """,
            """
            Provoque une panne au N-ième APDU : drop (carte retirée), reset (la carte oublie tout, sans que rien ne le \
            dise), repeat (la réponse précédente encore une fois), garbage:HEX, truncate:OCTETS, shorten:OCTETS (données \
            seules), status:SW, refuse:SW (la carte ne voit pas la commande), delay:MS.
            """,
            "kind@n"))
    var fault: [String] = []

    @Option(
        help: help(
            "Faults while the card is inserted: when this file exists, it contains one fault, counted from the next APDU; the card deletes the file when the fault occurs.",
            "Pannes une fois la carte insérée : quand ce fichier existe, il contient une panne, comptée à partir de l'APDU suivant ; la carte le supprime quand elle survient.",
            "file"))
    var faultFile: String?

    func run() throws {
        let card = try insertedCard()
        var stateFile: StateFile?
        if let state, let virtual = card as? VirtualCard { stateFile = try StateFile(path: state, card: virtual) }
        let label = Insert.label(of: card)
        let faults = FaultSchedule(
            try fault.map(PlannedFault.init(parsing:)), file: faultFile.map(FaultFile.init(path:)))
        var server = CardServer(
            card: card, stateFile: stateFile, latency: try latency.map(Latency.init(parsing:)), faults: faults)
        if let trace { server.trace = try APDUTrace(path: trace) }
        try installLog(on: card)
        let address = "\(host):\(port)"
        let connection = try VPCDConnection(host: host, port: port)
        try server.serve(connection) {
            say(Message("inserted \(label.english) at \(address)", fr: "inséré : \(label.french) sur \(address)"))
        }
        if let foreign = card as? ForeignCard {
            say(
                Message(
                    "the unknown card got \(foreign.commandCount) APDUs",
                    fr: "la carte inconnue a reçu \(foreign.commandCount) APDU"))
        }
    }

    private static func label(of card: any EmulatedCard) -> Message {
        guard let profile = (card as? VirtualCard)?.profile else {
            return Message("an unknown card", fr: "une carte inconnue")
        }
        return Message(
            "\(profile.generation.rawValue) card \(profile.cardNumber), serial \(profile.serial)",
            fr: "la carte \(profile.generation.rawValue) \(profile.cardNumber), série \(profile.serial)")
    }

    private func insertedCard() throws -> any EmulatedCard {
        if let rawATR {
            return ForeignCard(atr: try Insert.atr(rawATR, "--raw-atr"), transport: try chosenTransport() ?? .t1)
        }
        let likeness = try like.map(readReport)
        if let likeness, likeness.generation == nil {
            return ForeignCard(
                atr: likeness.atr, warmATR: likeness.warmATR, transport: try chosenTransport() ?? .t1)
        }
        guard let profile else {
            throw VirtualCardError(Message("--profile or --raw-atr is needed", fr: "il faut --profile ou --raw-atr"))
        }
        switch try readProfile(profile) {
        case .foreign(let atr, let transport):
            return ForeignCard(atr: atr, transport: try chosenTransport() ?? transport)
        case .cps(let profile): return try makeCard(profile, likeness)
        }
    }

    private static func atr(_ text: String, _ option: String) throws -> [UInt8] {
        guard let atr = Hexadecimal.decode(text), (2...33).contains(atr.count) else {
            throw VirtualCardError(
                Message("\(option): 2 to 33 bytes in hexadecimal", fr: "\(option) : 2 à 33 octets en hexadécimal"))
        }
        return atr
    }

    private func makeCard(_ profile: CardProfile, _ likeness: CardLikeness?) throws -> VirtualCard {
        guard let hierarchy else {
            throw VirtualCardError(Message("--hierarchy is needed", fr: "il faut --hierarchy"))
        }
        var description = profile
        if let generation {
            guard
                let chosen = CardGeneration.allCases.first(where: {
                    $0.rawValue.lowercased() == generation.lowercased()
                })
            else {
                throw VirtualCardError(
                    Message(
                        "--generation: cps3, cps3-contactless or cps4",
                        fr: "--generation : cps3, cps3-contactless ou cps4"))
            }
            description = description.of(chosen)
        }
        if let pinBlock {
            guard let chosen = PINBlock(rawValue: pinBlock) else {
                throw VirtualCardError(
                    Message("--pin-block: padded or unpadded", fr: "--pin-block : padded ou unpadded"))
            }
            description.pin.block = chosen
        }
        var options = VirtualCard.Options()
        options.countsTriesWhenVerified = counterWhenVerified
        options.refusesSilentFileSelection = noSilentSelect
        options.wantsSelectionFetched = fetchSelect
        options.losesLoginInOldVolet = forgetfulVolet
        options.hidesSerialNumber = noTokenSerial
        if let answerToReset { options.atr = try Insert.atr(answerToReset, "--atr") }
        options.damage = try damage()
        options.likeness = likeness
        if let likeness { description = likeness.applied(to: description) }
        let credentials = try CardCredentials(hierarchy: hierarchy, profile: description)
        let transport = try chosenTransport()
        func card() throws -> VirtualCard {
            try VirtualCard(profile: description, credentials: credentials, transport: transport, options: options)
        }
        // Of another card: this one's commands are counted from 1.
        try likeness?.sayWhatDiffers(card())
        return try card()
    }

    private func chosenTransport() throws -> TransportProtocol? {
        switch transport {
        case nil: nil
        case "t0": .t0
        case "t1": .t1
        default: throw VirtualCardError(Message("--protocol: t0 or t1", fr: "--protocol : t0 ou t1"))
        }
    }

    private func damage() throws -> [FileDamage] {
        try corruptFile.map { text in
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let place = parts[0].split(separator: "@", maxSplits: 1)
            guard parts.count == 2, let bytes = Hexadecimal.decode(parts[1]), let first = place.first,
                let path = VirtualFilePath(parsing: String(first))
            else {
                throw VirtualCardError(
                    Message(
                        "--corrupt-file: PATH=HEX or PATH@OFFSET=HEX",
                        fr: "--corrupt-file : CHEMIN=HEX ou CHEMIN@POSITION=HEX"))
            }
            guard place.count == 2 else { return FileDamage(path: path, kind: .replaced(bytes)) }
            guard let offset = Int(place[1]), (0...0xFFFF).contains(offset) else {
                throw VirtualCardError(
                    Message(
                        "--corrupt-file: the offset is not a number",
                        fr: "--corrupt-file : la position n'est pas un nombre"))
            }
            return FileDamage(path: path, kind: .overwritten(offset: offset, bytes))
        }
            + truncateFile.map { text in
                let parts = text.split(separator: "=", maxSplits: 1)
                guard parts.count == 2, let count = Int(parts[1]), count >= 0,
                    let path = VirtualFilePath(parsing: String(parts[0]))
                else { throw VirtualCardError(Message("--truncate-file: PATH=N", fr: "--truncate-file : CHEMIN=N")) }
                return FileDamage(path: path, kind: .truncated(count))
            }
    }

    private func installLog(on card: any EmulatedCard) throws {
        let file: LogFile? = if let logFile { try LogFile(path: logFile) } else { nil }
        let toErrors = log
        guard toErrors || file != nil else { return }
        card.onLog = { entry in
            if toErrors { sayOnErrors("\(entry)") }
            file?.write("\(entry)\n")
        }
    }

    private static func help(_ english: String, _ french: String, _ value: String? = nil) -> ArgumentHelp {
        ArgumentHelp(Message(english, fr: french).text, valueName: value)
    }
}
