// SPDX-License-Identifier: Apache-2.0

import Messages
import Testing

@testable import CPSData

/// What cards' codes are spelt out as, against the agency's nomenclatures.
@Suite("Code tables")
struct CodeTableTests {
    private static let tables: [CodeTable] = [
        .cardCategories, .cardTypes, .languages, .civilities, .structureIdentifiers, .personIdentifiers, .professions,
        .futureProfessions, .exerciseModes, .specialities, .sectors,
    ]

    @Test(
        "Codes and their meanings",
        arguments: [
            (CodeTable.specialities, "SM04", "cardiology and vascular diseases", "Cardiologie et maladies vasculaires"),
            (.specialities, "SM26", "qualified in general medicine", "Qualifié en médecine générale"),
            (.specialities, "SM54", "general medicine", "Médecine générale"),
            (
                .specialities, "SM95", "public health, option health administration",
                "Santé publique option administration de la santé"
            ),
            (.specialities, "SCD01", "orthodontics", "Orthopédie dento-faciale"),
            (.specialities, "SI07", "nurse anaesthetist", "Infirmier anesthésiste"),
            (.specialities, "SP01", "radiopharmacy", "Radio-pharmacie"),
            (.specialities, "C07", "cardiology (competence)", "Cardiologie (compétence)"),
            (.specialities, "CEX64", "urology (exclusive competence)", "Urologie (compétence exclusive)"),
            (.specialities, "CAPA06", "gerontology (capacity)", "Gérontologie (capacité)"),
            (.specialities, "DSM213", "geriatrics (complementary diploma)", "Gériatrie (DESC non qualifiant)"),
            (
                .specialities, "DEC20", "nutrition (additional right to practise)",
                "Nutrition (droit d'exercice complémentaire)"
            ),
            (
                .specialities, "SCH50", "paediatrics (hospital competition)",
                "Pédiatrie (spécialité de concours hospitalier)"
            ),
            (
                .specialities, "SST24", "sleep (cross-disciplinary training)",
                "Sommeil (formation spécialisée transversale)"
            ),
            (.sectors, "SA01", "public health establishment", "Établissement public de santé"),
            (.sectors, "SA07", "private practice", "Cabinet individuel"),
            (.sectors, "SA11", "temporary employment agency", "Entreprise d'intérim"),
            (.sectors, "SA33", "community pharmacy", "Pharmacie d'officine"),
            (.sectors, "SA69", "birth centre", "Maisons de naissance"),
            (.professions, "10", "doctor", "Médecin"),
            (.professions, "91", "speech therapist", "Orthophoniste"),
            (.professions, "98", "radiographer", "Manipulateur d'électroradiologie médicale"),
            (.futureProfessions, "50", "midwife", "Sage-femme"),
            (.exerciseModes, "07", "unpaid", "non rétribué"),
        ] as [(CodeTable, String, String, String)])
    func meanings(_ table: CodeTable, _ code: String, _ english: String, _ french: String) {
        #expect(table[code]?.english == english)
        #expect(table[code]?.french == french)
    }

    @Test("Every code of a series is there, and none beyond it")
    func series() {
        let series: [(CodeTable, String, ClosedRange<Int>)] = [
            (.sectors, "SA", 1...69), (.specialities, "SM", 1...95), (.specialities, "SI", 1...8),
            (.specialities, "SP", 1...4), (.specialities, "FQ", 1...5), (.specialities, "SCD", 1...3),
            (.specialities, "SCH", 1...60), (.specialities, "SST", 1...27), (.specialities, "DEC", 1...24),
            (.specialities, "CAPA", 1...16), (.specialities, "DSM", 200...240),
        ]
        for (table, prefix, numbers) in series {
            for number in 0...999 {
                let code = prefix + (number < 10 ? "0\(number)" : "\(number)")
                #expect(table.contains(code) == numbers.contains(number), "\(code)")
            }
        }
        #expect(CodeTable.sectors.meanings.count == 69)
        // Besides those series 43 competences, 4 exclusive ones, and PAC.
        #expect(CodeTable.specialities.meanings.count == 95 + 8 + 4 + 5 + 3 + 60 + 27 + 24 + 16 + 41 + 43 + 4 + 1)
        #expect(CodeTable.professions.meanings.count == 30)
        #expect(CodeTable.futureProfessions.meanings.count == 4)
        #expect(CodeTable.exerciseModes.meanings.count == 4)
    }

    @Test("No label is empty, and none stands for two codes", arguments: tables)
    func labels(_ table: CodeTable) {
        // One name for two codes in the nomenclature itself.
        let twins: Set<String> = ["SM92", "SCD02"]
        let meanings = table.meanings.filter { !(table == .specialities && twins.contains($0.key)) }
        for (code, meaning) in table.meanings {
            for text in [meaning.english, meaning.french] {
                #expect(
                    !text.isEmpty && text.first?.isWhitespace == false && text.last?.isWhitespace == false, "\(code)")
            }
        }
        for language in [\Message.english, \.french] {
            let codes = Dictionary(grouping: meanings.keys) { code in meanings[code]?[keyPath: language] ?? "" }
            #expect(codes.filter { $0.value.count > 1 }.isEmpty)
        }
    }

    @Test("A code that the table has not has no meaning")
    func unknown() {
        #expect(CodedValue("SA00", in: .sectors).meaning == nil)
        #expect(CodedValue("SM00", in: .specialities).meaning == nil)
        #expect(CodedValue("SA07", in: .specialities).meaning == nil)
    }
}
