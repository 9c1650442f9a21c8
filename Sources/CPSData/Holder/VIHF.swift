// SPDX-License-Identifier: Apache-2.0

import Messages

/// What a card says for a VIHF ("vecteur d'identification et d'habilitation formelles"), the SAML
/// assertion by which the DMP and other services know who asks, and where that person works. All
/// fields are of one activity. docs/clients/dmp.md says where the rules come from.
public struct VIHF: Sendable, Equatable {
    /// One value of the attribute role.
    public struct Role: Sendable, Equatable {
        /// The code table entry on the card.
        public let code: String
        /// The object identifier of its table.
        public let codeSystem: String
        /// The name of its table.
        public let codeSystemName: String
        /// The entry's official name; the code if the table does not have it.
        public let displayName: String
    }

    /// PS_IdNat, the subject of the assertion.
    public let nameID: String?
    /// Given name and family name.
    public let userName: String?
    /// Struct_IdNat of the place of work.
    public let structure: String?
    /// Its sector and the object identifier of the table: `SA07^1.2.250.1.71.4.2.4`.
    public let sector: String?
    /// The profession, also a future one, and for a doctor the speciality. Empty on cards without
    /// a profession.
    public let roles: [Role]

    /// nil if the activity could not be read.
    public init?(_ activity: Activity, of holder: CardHolder) {
        guard activity.state == .described else { return nil }
        nameID = holder.identifier?.idNat
        let names = [holder.givenName, holder.familyName].compactMap { $0 }
        userName = names.isEmpty ? nil : names.joined(separator: " ")
        structure = activity.structureIdentifier?.idNat
        sector = activity.sector.flatMap { sector in
            sector.table.objectIdentifier.map { "\(sector.code)^\($0)" }
        }
        let isDoctor = holder.profession?.code == VIHF.doctor
        roles = [holder.profession ?? holder.futureProfession, isDoctor ? holder.speciality : nil]
            .compactMap { $0 }.compactMap(Role.init)
    }

    /// Table G15. Of the card's professions, only this one has its second role in table R01.
    private static let doctor = "10"
}

extension VIHF.Role {
    /// nil if the table has no object identifier.
    fileprivate init?(_ value: CodedValue) {
        guard let objectIdentifier = value.table.objectIdentifier else { return nil }
        code = value.code
        codeSystem = objectIdentifier
        codeSystemName = value.table.name
        displayName = value.meaning?.french ?? value.code
    }
}
