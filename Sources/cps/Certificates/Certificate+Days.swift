// SPDX-License-Identifier: Apache-2.0

import Messages
import PKIX

extension Certificate {
    /// From here on a renewal should be on its way: it takes weeks.
    private static let fewDays = 60

    /// Whether it is time to ask for a new card.
    var endsSoon: Bool { daysLeft < Certificate.fewDays }

    /// How long a valid certificate still is that.
    var remainingDays: Message {
        switch daysLeft {
        case 0: Message("its last day", fr: "dernier jour")
        case 1: Message("1 day left", fr: "encore 1 jour")
        default: Message("\(daysLeft) days left", fr: "encore \(daysLeft) jours")
        }
    }
}
