// SPDX-License-Identifier: Apache-2.0

import CardReport
import SmartCardBytes

extension CardLikeness {
    /// The answer to GET DATA about a PIN in the form of the report, with the counters as they are now; nil if the
    /// report has none.
    /// - Parameter reference: 01 for the user's PIN, 02 for the unblocking code.
    func pinAnswer(_ reference: UInt8, _ pins: PINs) -> [UInt8]? {
        let index = Int(reference) - 1
        guard report.pins.indices.contains(index), let lines = report.pins[index].answer,
            let bytes = DataTree.bytes(of: lines, fill: { count, _ in [UInt8](repeating: 0, count: count) })
        else { return nil }
        let pin = index == 0 ? pins.user : pins.puk
        return CardLikeness.counted(bytes[...]) { tag in
            switch tag {
            case 0x9B: pin.triesLeft
            case 0x9D where index == 1: pins.pukUsesLeft
            default: nil
            }
        }
    }

    /// The same data objects, with other numbers for some tags.
    private static func counted(_ bytes: ArraySlice<UInt8>, _ number: (UInt32) -> Int?) -> [UInt8] {
        var result: [UInt8] = []
        var reader = BERTLVReader(bytes)
        while let element = try? reader.next() {
            if element.isConstructed {
                result += BERTLV.encode(tag: element.tag, counted(element.value, number))
            } else if let number = number(element.tag) {
                let width = element.value.count
                result += BERTLV.encode(
                    tag: element.tag,
                    (0..<width).map { UInt8(truncatingIfNeeded: number >> (8 * (width - 1 - $0))) })
            } else {
                result += element.encoding
            }
        }
        return result
    }
}
