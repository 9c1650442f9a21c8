// SPDX-License-Identifier: Apache-2.0

import CPKCS11
import ISO7816
import VirtualCPS
import VirtualCPSTestSupport

@testable import Cryptoki

/// What goes wrong once, at one APDU, and what a program may be told then.
struct FaultKind: Sendable {
    var name: String
    var fault: @Sendable (_ position: Int) -> Fault
    var codes: ReturnCodes
    /// What it is tried in.
    var scenarios: [FaultScenario]

    init(
        _ name: String, _ codes: ReturnCodes, in scenarios: [FaultScenario] = FaultScenario.allCases,
        _ fault: @escaping @Sendable (Int) -> Fault
    ) {
        self.name = name
        self.codes = codes
        self.scenarios = scenarios
        self.fault = fault
    }

    init(_ name: String, _ codes: ReturnCodes, _ fault: Fault) { self.init(name, codes) { _ in fault } }

    /// The return codes that are right for a kind of fault, in functions that use
    /// the card; what comes after them in the same program may also say that the
    /// session is gone. CKR_OK is right where the fault could be made good.
    enum ReturnCodes: Sendable {
        /// The card is not there any more, or another one.
        case removed
        /// The card is there, but this call did not reach it.
        case disturbed
        /// The card has lost what it knew, and the user has to log in again.
        case forgetful
        /// The answer is no answer of a healthy card. What status words say is
        /// believed: 6982 is no login, 63Cx a wrong PIN.
        case wrongAnswer(StatusWord?)
        /// Nothing is wrong but the time.
        case late

        var rightOnes: Set<CK_RV> {
            switch self {
            case .removed: [CKR_DEVICE_REMOVED, CKR_TOKEN_NOT_PRESENT, CKR_SESSION_HANDLE_INVALID]
            case .disturbed: [CKR_DEVICE_ERROR, CKR_SESSION_HANDLE_INVALID]
            case .forgetful: [CKR_OK, CKR_DEVICE_ERROR, CKR_USER_NOT_LOGGED_IN]
            case .wrongAnswer(let status): Set([CKR_OK, CKR_DEVICE_ERROR] + ReturnCodes.meanings(of: status))
            case .late: [CKR_OK]
            }
        }

        private static func meanings(of status: StatusWord?) -> [CK_RV] {
            switch status {
            // The second: the PIN stands, and the card does not give this object.
            case .securityStatusNotSatisfied?: [CKR_USER_NOT_LOGGED_IN, CKR_ATTRIBUTE_SENSITIVE]
            case .authenticationMethodBlocked?: [CKR_PIN_LOCKED]
            // A CPS3 says so of a code that is blocked (cards.md §3.4).
            case .conditionsOfUseNotSatisfied?: [CKR_PIN_LOCKED]
            // A CPS3 says so of a cryptogram without padding.
            case .incorrectData?: [CKR_ENCRYPTED_DATA_INVALID]
            case let status? where status.triesLeft != nil: [CKR_PIN_INCORRECT]
            // The applet is selected for it, which ends a CPS4's login.
            case .fileNotFound?, .incorrectParameters?, .logicalChannelNotSupported?: [CKR_USER_NOT_LOGGED_IN]
            case let status? where status.sw1 == 0x6E: [CKR_USER_NOT_LOGGED_IN]
            default: []
            }
        }
    }

    /// Whether a program may see another value than on a healthy card, because nothing
    /// tells a wrong one from a right one: free bytes that programs have written, the
    /// message that a CPS3 has taken out of its padding. They are not kept, and the
    /// next attempt is right. What a card says of its counters is kept for seconds.
    func mayChange(_ name: String, on card: CardKind, isNext: Bool) -> Bool {
        switch codes {
        case .wrongAnswer(let status?) where status.triesLeft != nil || status == .authenticationMethodBlocked:
            name == FaultAttempt.token
        case .wrongAnswer:
            !isNext && (name.contains("CPS_DATA") || card == .cps3 && name == FaultAttempt.decryptedMessage)
        default: false
        }
    }

    private static func status(_ value: UInt16) -> FaultKind {
        let status = StatusWord(rawValue: value)
        return FaultKind("status \(status)", .wrongAnswer(status), .status(status))
    }

    private static func refusal(_ value: UInt16) -> FaultKind {
        let status = StatusWord(rawValue: value)
        return FaultKind("refusal \(status)", .wrongAnswer(status), .refuse(status))
    }

    /// Bytes that look like chance, the same in each run.
    private static func noise(_ count: Int, _ position: Int) -> [UInt8] {
        var state = UInt32(truncatingIfNeeded: position &* 2_654_435_761) | 1
        return (0..<count).map { _ in
            state ^= state << 13
            state ^= state >> 17
            state ^= state << 5
            return UInt8(truncatingIfNeeded: state >> 11)
        }
    }

    private static let success: [UInt8] = [0x90, 0x00]

    static let all: [FaultKind] = [
        FaultKind("removal", .removed, .removeCard),
        FaultKind("replacement", .removed, .replaceCard),
        FaultKind("reset", .forgetful, .resetCard),
        FaultKind("silent reset", .forgetful, .forget),
        FaultKind("no answer", .disturbed, .unresponsive),
        FaultKind("service restart", .disturbed, .restartService),
        FaultKind("empty answer", .wrongAnswer(nil), .garbage([])),
        FaultKind("noise", .wrongAnswer(nil)) { .garbage(noise(20 + $0 % 60, $0)) },
        FaultKind("noise and 9000", .wrongAnswer(nil)) { .garbage(noise(41 + $0 % 3 * 50, $0) + success) },
        FaultKind("zeros and 9000", .wrongAnswer(nil), .garbage([UInt8](repeating: 0, count: 64) + success)),
        // As long as a signature. (In the last part of a certificate nobody could tell.)
        FaultKind("long noise and 9000", .wrongAnswer(nil), in: [.authenticate, .signHash, .signMessage, .signPSS]) {
            .garbage(noise(256, $0) + success)
        },
        FaultKind("truncation to 1", .wrongAnswer(nil), .truncate(1)),
        FaultKind("truncation to 2", .wrongAnswer(nil), .truncate(2)),
        FaultKind("shortening to 0", .wrongAnswer(nil), .shorten(0)),
        FaultKind("shortening to 30", .wrongAnswer(nil), .shorten(30)),
        FaultKind("repetition", .wrongAnswer(nil), .repeated),
        status(0x9000), status(0x6F00), status(0x6982), status(0x6E00), status(0x6282), status(0x6110), status(0x6C20),
        refusal(0x6F00), refusal(0x6982), refusal(0x6983), refusal(0x6985), refusal(0x6A82), refusal(0x6A86),
        refusal(0x6A80), refusal(0x6881), refusal(0x6B00), refusal(0x63C2),
        FaultKind("delay", .late, .delay(milliseconds: 5)),
    ]
}
