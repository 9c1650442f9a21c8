// SPDX-License-Identifier: Apache-2.0

/// One data object of a card: its label, its file, its value, and who may read it.
struct VirtualDataObject {
    let label: String
    let path: VirtualFilePath
    let value: [UInt8]
    var isPrivate = false
    var isModifiable = false

    var entry: DataEntry {
        DataEntry(
            label: label, flags: (isPrivate ? [0] : []) + (isModifiable ? [1] : []),
            authenticationIdentifier: isPrivate ? 0x01 : nil, path: path)
    }

    /// The four public business files and CPS_DATA. Their identifiers are our choice, except
    /// D107 (cards.md §2.1).
    static func common(_ profile: CardProfile) -> [VirtualDataObject] {
        let data = BusinessData(profile: profile)
        return [
            VirtualDataObject(label: "CPS_ID_CARD", path: VirtualFilePath(0x0001, 0xD101), value: data.idCard),
            VirtualDataObject(label: "CPS_NAME_PS", path: VirtualFilePath(0x0001, 0xD102), value: data.name),
            VirtualDataObject(label: "CPS_LANG_PS", path: VirtualFilePath(0x0001, 0xD103), value: data.languages),
            VirtualDataObject(label: "CPS_INFO_PS", path: VirtualFilePath(0x0001, 0xD104), value: data.information),
            VirtualDataObject(
                label: "CPS_DATA", path: cpsData, value: [UInt8](repeating: 0, count: profile.cpsDataSize),
                isModifiable: true),
        ]
    }

    static let cpsData = VirtualFilePath(0x0001, 0xD107)

    /// CPS_ACTIVITY_nn_PS in D120 to D12F.
    static func activities(_ profile: CardProfile) -> [VirtualDataObject] {
        profile.activities.map { activity in
            VirtualDataObject(
                label: "CPS_ACTIVITY_\(twoDigits(activity.number))_PS",
                path: VirtualFilePath(0x0001, 0xD11F + UInt16(activity.number)),
                value: BusinessData(profile: profile).activity(activity), isPrivate: true)
        }
    }

    /// The old volet's contents, listed by CPS4 only (cards.md §5.1). The
    /// identifiers D108 to D10F and D130 to D13F are our choice.
    static func old(_ profile: CardProfile) -> [VirtualDataObject] {
        let data = BusinessData(profile: profile)
        let publicOnes = data.oldObjects.enumerated().map { index, object in
            VirtualDataObject(
                label: object.label, path: VirtualFilePath(0x0001, 0xD108 + UInt16(index)), value: object.value)
        }
        let activities = profile.activities.map { activity in
            VirtualDataObject(
                label: "CPS2TER_ACTIVITY_\(twoDigits(activity.number))_PS",
                path: VirtualFilePath(0x0001, 0xD12F + UInt16(activity.number)), value: data.oldActivity(activity),
                isPrivate: true)
        }
        let invoicing = VirtualDataObject(
            label: "CPS_SIT_FACT", path: VirtualFilePath(0x0001, 0xD10F), value: data.invoicing, isPrivate: true)
        return publicOnes + activities + [invoicing]
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
