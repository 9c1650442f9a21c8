// SPDX-License-Identifier: Apache-2.0

import CPSData
import Glibc
import Messages
import PKIX

extension Certificate {
    /// Days before the end at which to warn: a renewal takes weeks.
    private static let fewDays = 60

    /// Whether it is time to ask for a new card.
    var endsSoon: Bool { daysLeft < Certificate.fewDays }

    /// The remaining validity of a valid certificate.
    var remainingDays: Message {
        switch daysLeft {
        case 0: Message("last day", fr: "dernier jour")
        case 1: Message("1 day left", fr: "encore 1 jour")
        default: Message("\(daysLeft) days left", fr: "encore \(daysLeft) jours")
        }
    }

    /// The subject in a few words: given and family name, or the pseudonym, then the number,
    /// with its kind if it is a professional's.
    var personName: Message {
        let name = ["GN", "SN", "pseudonym"].compactMap { subject[$0] }.joined(separator: " ").printable
        guard let number = subject["CN"] else {
            let text = name.isEmpty ? subject.text.printable : name
            return Message(text, fr: text)
        }
        if !name.isEmpty, let identifier = NationalIdentifier(person: number), let kind = identifier.kind.meaning {
            let begin = "\(name), \(identifier.number.printable)"
            return Message("\(begin) (\(kind.english))", fr: "\(begin) (\(kind.french))")
        }
        let text = [name, number.printable].filter { !$0.isEmpty }.joined(separator: " ")
        return Message(text, fr: text)
    }

    /// The subject's title: the profession; on cards of establishments, which have an
    /// organisation, the kind of card.
    var title: (name: Message, text: String)? {
        guard let text = subject["title"]?.printable else { return nil }
        return (subject["OU"] == nil ? Message("Profession", fr: "Profession") : Message("Title", fr: "Intitulé"), text)
    }
}

extension DistinguishedName {
    /// The common name, or the whole name if there is none.
    var commonName: String { (self["CN"] ?? text).printable }
}

extension CertificateChain.Refusal {
    /// Why a chain is not valid, for the end of a sentence.
    var message: Message {
        switch self {
        case .weakAlgorithm:
            Message("its key or its hash can be forged", fr: "sa clé ou son hachage peut être falsifié")
        case .wrongSignature:
            Message(
                "it is not signed by the authority that it names", fr: "l'autorité qu'il nomme ne l'a pas signé")
        case .issuerIsNoAuthority:
            Message(
                "its issuer is not allowed to issue certificates",
                fr: "son émetteur n'a pas le droit d'émettre des certificats")
        case .other(let error):
            Message("OpenSSL's error \(error)", fr: "erreur \(error) d'OpenSSL")
        }
    }
}

extension UniversalTime {
    /// The day in UTC, as people write it.
    var day: Message {
        let parts = iso8601.prefix { $0 != "T" }.split(separator: "-")
        return Message(parts.joined(separator: "-"), fr: parts.reversed().joined(separator: "/"))
    }

    /// Date and time in this computer's time zone, with its offset:
    /// 2026-11-26 08:49:27 (UTC+1).
    var moment: Message {
        let offset = localOffset
        let local = UniversalTime(secondsSince1970: secondsSince1970 + offset)
        let clock = local.iso8601.drop { $0 != "T" }.dropFirst().dropLast()
        let zone = UniversalTime.zone(offset)
        return Message("\(local.day.english) \(clock) (\(zone))", fr: "\(local.day.french) \(clock) (\(zone))")
    }

    /// The offset of this computer's time zone from UTC at that moment, in seconds.
    private var localOffset: Int {
        var time = secondsSince1970
        var parts = unsafe tm()
        guard unsafe localtime_r(&time, &parts) != nil else { return 0 }
        return unsafe parts.tm_gmtoff
    }

    private static func zone(_ offset: Int) -> String {
        if offset == 0 { return "UTC" }
        let minutes = abs(offset) / 60
        let rest = minutes % 60
        let fraction = rest == 0 ? "" : rest < 10 ? ":0\(rest)" : ":\(rest)"
        return "UTC\(offset < 0 ? "-" : "+")\(minutes / 60)\(fraction)"
    }
}
