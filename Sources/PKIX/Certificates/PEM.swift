// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// The textual encoding of certificates and signatures (RFC 7468).
public enum PEM {
    /// Encodes with lines of 64 characters; the last line ends with a line feed.
    public static func encode(_ bytes: [UInt8], label: String) -> String {
        guard let output = unsafe OpenSSLObject(BIO_new(BIO_s_mem()), free: { unsafe BIO_free_all($0) }),
            unsafe PEM_write_bio(output.pointer, label, "", bytes, bytes.count) > 0
        else { return "" }
        var length = 0
        guard let start = unsafe cps_bio_bytes(output.pointer, &length) else { return "" }
        return unsafe String(decoding: UnsafeBufferPointer(start: start, count: length), as: UTF8.self)
    }

    /// Decodes the blocks between BEGIN and END lines, in order; other text is ignored. Stops at
    /// the first malformed block.
    public static func decode(_ text: [UInt8]) -> [(label: String, bytes: [UInt8])] {
        guard let count = Int32(exactly: text.count) else { return [] }
        return unsafe text.withUnsafeBytes { buffer in
            guard
                let input = unsafe OpenSSLObject(
                    BIO_new_mem_buf(buffer.baseAddress, count), free: { unsafe BIO_free_all($0) })
            else { return [] }
            var parts: [(label: String, bytes: [UInt8])] = []
            var name: UnsafeMutablePointer<CChar>?
            var header: UnsafeMutablePointer<CChar>?
            var content: UnsafeMutablePointer<UInt8>?
            var length = 0
            while unsafe PEM_read_bio(input.pointer, &name, &header, &content, &length) == 1 {
                if let name = unsafe name, let content = unsafe content {
                    let bytes = unsafe Array(UnsafeBufferPointer(start: content, count: max(0, length)))
                    parts.append((label: unsafe String(cString: name), bytes: bytes))
                }
                unsafe cps_free(name)
                unsafe cps_free(header)
                unsafe cps_free(content)
                unsafe (name, header, content) = (nil, nil, nil)
            }
            // The end of the text also leaves an error in the queue.
            ERR_clear_error()
            return parts
        }
    }
}
