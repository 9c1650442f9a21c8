// SPDX-License-Identifier: Apache-2.0

import ClientPrograms
import Messages
import PKIX

/// The certificates on the cards: in time, and issued by whom this computer knows.
struct CertificateCheck: Check {
    let title = Message("Certificates", fr: "Certificats")

    func findings(on machine: Machine, _ survey: Survey) -> [Finding] {
        let cards = survey.answeringCards
        if cards.isEmpty { return [] }
        let authorities = Authorities.ofThisMachine
        var findings: [Finding] = []
        let knowsAuthorities = !authorities.certificates.isEmpty
        for (card, place) in cards {
            if card.certificates.isEmpty {
                findings.append(
                    .problem(
                        "certificate.none",
                        Message(
                            "\(place.english)The card shows no certificate.",
                            fr: "\(place.french)La carte ne montre aucun certificat."
                        ),
                        Message("Ask the issuer for a new card.", fr: "Demandez une nouvelle carte à l'émetteur.")))
            }
            for (name, encoding) in card.certificates {
                let label = Message(place.english + name, fr: place.french + name)
                guard let encoding, let certificate = try? Certificate(encoding: encoding) else {
                    findings.append(
                        .problem(
                            "certificate.unreadable",
                            Message("\(label.english): cannot be read.", fr: "\(label.french) : illisible."),
                            Remedy.reinsertion))
                    continue
                }
                findings.append(inTime(certificate, label))
                if knowsAuthorities, let finding = chained(certificate, label, authorities) { findings.append(finding) }
            }
        }
        if !knowsAuthorities {
            findings.append(
                .ok(
                    "certificate.authorities-absent",
                    Message(
                        "Who has issued them was not checked: no authority is known here (`cps authorities import`).",
                        fr:
                            "Leur émetteur n'a pas été vérifié : aucune autorité n'est connue ici (« cps authorities import »)."
                    )))
        }
        return findings
    }

    private func inTime(_ certificate: Certificate, _ label: Message) -> Finding {
        let (from, until) = (certificate.notBefore.day, certificate.notAfter.day)
        if certificate.isExpired {
            return .problem(
                "certificate.expired",
                Message(
                    "\(label.english): expired on \(until.english).", fr: "\(label.french) : expiré le \(until.french)."
                ),
                Message(
                    "Renew the card. If that date is to come, set this computer's clock.",
                    fr: "La carte est à renouveler. Si cette date est à venir, réglez l'horloge de l'ordinateur."))
        }
        if certificate.isNotYetValid {
            return .problem(
                "certificate.not-yet-valid",
                Message(
                    "\(label.english): valid from \(from.english) on only.",
                    fr: "\(label.french) : valable à partir du \(from.french) seulement."),
                Message(
                    "If that date is past, set this computer's clock.",
                    fr: "Si cette date est passée, réglez l'horloge de l'ordinateur."))
        }
        let left = certificate.remainingDays
        let text = Message(
            "\(label.english): valid until \(until.english), \(left.english).",
            fr: "\(label.french) : valable jusqu'au \(until.french), \(left.french).")
        return certificate.endsSoon
            ? .warning(
                "certificate.ends-soon", text,
                Message("See that a new card is on its way.", fr: "Vérifiez qu'une nouvelle carte est en route."))
            : .ok("certificate.valid", text)
    }

    /// nil where there is nothing to add to what the dates say.
    private func chained(_ certificate: Certificate, _ label: Message, _ authorities: Authorities) -> Finding? {
        switch authorities.chain(of: certificate).verdict {
        case .trusted:
            return .ok(
                "certificate.trusted",
                Message(
                    "\(label.english): issued by a known authority.",
                    fr: "\(label.french) : émis par une autorité connue."))
        case .unknownAuthority:
            return .warning(
                "certificate.unknown-authority",
                Message(
                    "\(label.english): issued by nobody who is known here.",
                    fr: "\(label.french) : émis par quelqu'un d'inconnu ici."),
                UnknownAuthority.remedy(for: certificate, authorities))
        case .expired(let other), .notYetValid(let other):
            if other == certificate { return nil }
            return .warning(
                "certificate.authority-not-valid",
                Message(
                    "\(label.english): its authority's certificate is out of date.",
                    fr: "\(label.french) : le certificat de son autorité n'est pas en cours de validité."),
                Message(
                    "Put the present ones into \(Authorities.folders[0]).",
                    fr: "Mettez les actuels dans \(Authorities.folders[0])."))
        case .refused(let reason):
            return .problem(
                "certificate.refused",
                Message(
                    "\(label.english): it does not hold: \(reason.message.english).",
                    fr: "\(label.french) : il n'est pas valable : \(reason.message.french)."),
                Message("Ask the issuer.", fr: "Adressez-vous à l'émetteur."))
        }
    }
}
