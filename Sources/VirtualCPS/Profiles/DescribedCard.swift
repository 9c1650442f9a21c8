// SPDX-License-Identifier: Apache-2.0

import ISO7816
import SmartCardBytes

/// The card of a profile file: a CPS card, or a foreign card with only an answer to reset (a
/// Vitale card, a bank card).
public enum DescribedCard: Sendable, Equatable {
    case cps(CardProfile)
    case foreign(atr: [UInt8], transport: TransportProtocol)

    /// - Throws: `ProfileError` with the first field that is wrong.
    public init(parsing text: [UInt8]) throws(ProfileError) {
        let reader = try ProfileReader(text: text)
        self = reader.has("atr") ? try DescribedCard.foreign(reader) : .cps(try CardProfile(reader))
    }

    private static func foreign(_ reader: ProfileReader) throws(ProfileError) -> DescribedCard {
        var reader = reader
        _ = try reader.optionalText("comment")
        guard let atr = Hexadecimal.decode(try reader.text("atr")), (2...33).contains(atr.count) else {
            throw reader.error(
                "atr", "2 to 33 bytes in hexadecimal are expected here",
                fr: "2 à 33 octets en hexadécimal sont attendus ici")
        }
        let transport = try reader.choice("protocol", TransportName.self)
        try reader.finish()
        return .foreign(atr: atr, transport: transport == .t0 ? .t0 : .t1)
    }

    private enum TransportName: String, CaseIterable {
        case t0, t1
    }
}
