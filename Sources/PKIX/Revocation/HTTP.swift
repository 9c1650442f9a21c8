// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// Questions over HTTP, as authorities answer them: without TLS, because their answers are
/// signed, and because a server's certificate would have to be verified first. Makers of time
/// stamps often speak TLS. A proxy is taken from `http_proxy` and `https_proxy`.
enum HTTP {
    /// The longest response in bytes.
    private static let longest = 64 << 20
    /// The time-out in seconds.
    private static let timeout: Int32 = 10

    /// Downloads one ASN.1 element; nil on failure.
    static func get(_ address: String) -> [UInt8]? {
        defer { ERR_clear_error() }
        guard address.hasPrefix("http://") else { return nil }
        return unsafe content(
            OSSL_HTTP_get(address, nil, nil, nil, nil, nil, nil, 0, nil, nil, 1, longest, timeout))
    }

    /// Asks a question, over TLS if the address says so, and returns the answer, one element of
    /// ASN.1.
    /// - Parameters:
    ///   - question: the request body, of the media type `type`.
    ///   - answer: the media type of the response.
    static func post(_ question: [UInt8], _ type: String, to address: String, answer: String) -> [UInt8]? {
        defer { ERR_clear_error() }
        guard ["http://", "https://"].contains(where: address.hasPrefix), let parts = Address(address),
            let length = Int32(exactly: question.count)
        else { return nil }
        return unsafe question.withUnsafeBytes { buffer in
            guard
                let body = unsafe OpenSSLObject(
                    BIO_new_mem_buf(buffer.baseAddress, length), free: { unsafe BIO_free_all($0) })
            else { return nil }
            guard !parts.isTLS else {
                return unsafe content(
                    cps_https_post(
                        parts.host, parts.port, parts.path, type, body.pointer, answer, longest, timeout))
            }
            return unsafe content(
                OSSL_HTTP_transfer(
                    nil, parts.host, parts.port, parts.path, 0, nil, nil, nil, nil, nil, nil, 0, nil, type,
                    body.pointer, answer, 1, longest, timeout, 0))
        }
    }

    /// The content of a memory BIO.
    private static func content(_ pointer: OpaquePointer?) -> [UInt8]? {
        guard let answer = unsafe OpenSSLObject(pointer, free: { unsafe BIO_free_all($0) }) else { return nil }
        var length = 0
        guard let start = unsafe cps_bio_bytes(answer.pointer, &length) else { return nil }
        return unsafe Array(UnsafeBufferPointer(start: start, count: length))
    }

    private struct Address {
        let isTLS: Bool
        let host: String
        let port: String
        let path: String

        init?(_ address: String) {
            var tls: Int32 = 0
            var host: UnsafeMutablePointer<CChar>?
            var port: UnsafeMutablePointer<CChar>?
            var path: UnsafeMutablePointer<CChar>?
            guard unsafe OSSL_HTTP_parse_url(address, &tls, nil, &host, &port, nil, &path, nil, nil) == 1,
                let host = unsafe host, let port = unsafe port, let path = unsafe path
            else { return nil }
            defer {
                unsafe cps_free(host)
                unsafe cps_free(port)
                unsafe cps_free(path)
            }
            isTLS = tls != 0
            unsafe (self.host, self.port, self.path) = (
                String(cString: host), String(cString: port), String(cString: path)
            )
        }
    }
}
