// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Glibc

/// A time in UTC with a resolution of one second, as in certificates and signatures.
public struct UniversalTime: Sendable, Hashable, Comparable {
    /// Without leap seconds.
    public let secondsSince1970: Int

    /// Makes a time from a `time_t`.
    public init(secondsSince1970: Int) { self.secondsSince1970 = secondsSince1970 }

    /// This moment, by the computer's clock.
    public static var now: UniversalTime { UniversalTime(secondsSince1970: Glibc.time(nil)) }

    /// The earlier one is less.
    public static func < (left: UniversalTime, right: UniversalTime) -> Bool {
        left.secondsSince1970 < right.secondsSince1970
    }

    /// ISO 8601: 2028-11-22T00:00:00Z.
    public var iso8601: String {
        var time = secondsSince1970
        var parts = unsafe tm()
        guard unsafe gmtime_r(&time, &parts) != nil else { return "" }
        let digits = { (value: Int32, count: Int) in
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let year = unsafe digits(parts.tm_year &+ 1900, 4)
        let day = unsafe "\(year)-\(digits(parts.tm_mon + 1, 2))-\(digits(parts.tm_mday, 2))"
        return unsafe "\(day)T\(digits(parts.tm_hour, 2)):\(digits(parts.tm_min, 2)):\(digits(parts.tm_sec, 2))Z"
    }

    /// From an ASN.1 UTCTime or GeneralizedTime; nil for anything else.
    init?(_ time: UnsafePointer<ASN1_TIME>?) {
        var parts = unsafe tm()
        guard let time = unsafe time, unsafe ASN1_TIME_to_tm(time, &parts) == 1 else {
            ERR_clear_error()
            return nil
        }
        secondsSince1970 = unsafe timegm(&parts)
    }

    /// Passes the time in the form of CMS (RFC 5652 §11.3): UTCTime until 2049,
    /// GeneralizedTime from 2050.
    /// - Returns: nil if OpenSSL cannot encode it.
    func withASN1Time<Result>(_ body: (UnsafeMutablePointer<ASN1_TIME>) -> Result) -> Result? {
        guard let time = unsafe ASN1_TIME_set(nil, secondsSince1970) else { return nil }
        defer { unsafe ASN1_TIME_free(time) }
        return unsafe body(time)
    }
}
