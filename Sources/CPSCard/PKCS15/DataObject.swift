// SPDX-License-Identifier: Apache-2.0

import SmartCardBytes

/// A data object of the card: identity, profession, activities ... (ISO/IEC 7816-15 §8.8; cards.md §2.13, §5.1).
public struct DataObject: Sendable, Equatable {
    /// Which part of the card contains the value.
    public enum Place: Sendable, Hashable {
        /// The PKCS#15 application.
        case application(PKCS15Value)
        /// The CPS2ter volet of a CPS3 (CLA A0; cards.md §2.14).
        case cps2ter(FilePath)
    }

    /// CKA_LABEL: the object's name for programs, for example CPS_ACTIVITY_01_PS.
    public var label: String
    /// CKA_APPLICATION; empty if the directory has none.
    public var applicationName: String
    /// CKA_PRIVATE: the object is visible only after a login.
    public var isPrivate: Bool
    /// CKA_MODIFIABLE. On CPS cards only CPS_DATA has it (cards.md §5.4).
    public var isModifiable: Bool
    /// Where the value is.
    public var place: Place

    init(_ element: BERTLV, application: FilePath) throws(MalformedBytes) {
        let entry = try PKCS15Entry(element)
        label = entry.label
        isPrivate = entry.isPrivate
        isModifiable = entry.isModifiable
        var common = entry.classAttributes
        applicationName = try common.nextIfPresent(tag: DER.utf8String)?.text() ?? ""

        // The path is directly in the [1], without a SEQUENCE around it.
        guard let type = try element.children.first(tag: PKCS15Entry.typeAttributesTag) else {
            throw .missing(tag: PKCS15Entry.typeAttributesTag)
        }
        var inner = type.children
        place = .application(try inner.next(tag: DER.sequence).pathValue(in: application))
    }

    /// A file of the CPS2ter volet, which is in no directory.
    init(cps2ter label: String, at path: FilePath) {
        self.label = label
        applicationName = "CPS"
        isPrivate = true
        isModifiable = false
        place = .cps2ter(path)
    }
}

extension DataObject {
    /// The objects in a CPS3's CPS2ter volet: the invoicing situation, and each activity of the directory in its
    /// older coding (cards.md §2.7 step 9, §5.1).
    static func cps2terObjects(besides directory: [DataObject]) -> [DataObject] {
        let labels = Set(directory.map(\.label))
        let activities = (1...16).compactMap { number -> DataObject? in
            let digits = number < 10 ? "0\(number)" : "\(number)"
            guard labels.contains("CPS_ACTIVITY_\(digits)_PS") else { return nil }
            // checked: 0 to 15
            return DataObject(cps2ter: "CPS2TER_ACTIVITY_\(digits)_PS", at: FilePath(0x4010 + UInt16(number - 1)))
        }
        return [DataObject(cps2ter: "CPS_SIT_FACT", at: FilePath(0x7F01, 0x4000))] + activities
    }
}
