// SPDX-License-Identifier: Apache-2.0

import OpenSSLTestSupport
import PKIX

/// A root, an authority that it certifies, and a person whom that certifies, in the
/// style of IGC-Santé.
struct TestHierarchy: Sendable {
    let root: Certificate
    let intermediate: Certificate
    let person: Certificate
    /// Private keys, PEM.
    let key: String
    let intermediateKey: String

    /// Made once for all tests.
    static var shared: TestHierarchy { get throws { try made.get() } }
    private static let made = Result { try TestHierarchy() }

    init() throws {
        let rootKey = try OpenSSL.newKey(bitCount: 2048)
        intermediateKey = try OpenSSL.newKey(bitCount: 2048)
        key = try OpenSSL.newKey(bitCount: 2048)
        root = try TestHierarchy.certificate(
            of: rootKey, named: "/C=FR/O=TEST/CN=ROOT", by: nil, extensions: TestHierarchy.authority)
        intermediate = try TestHierarchy.certificate(
            of: intermediateKey, named: "/C=FR/O=TEST/CN=PERSONNES", by: (root, rootKey),
            extensions: TestHierarchy.authority)
        person = try TestHierarchy.certificate(
            of: key, named: "/C=FR/title=Médecin/CN=899700735741+SN=DOC0073574+GN=TEST",
            by: (intermediate, intermediateKey),
            extensions:
                "keyUsage=critical,digitalSignature,nonRepudiation\nextendedKeyUsage=clientAuth,emailProtection,1.2.250.1.71.9\n"
        )
    }

    static let authority = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"

    /// A certificate for a year from now, by itself or by an authority.
    static func certificate(
        of key: String, named subject: String, by issuer: (certificate: Certificate, key: String)?, extensions: String,
        hash: String = "sha256"
    ) throws -> Certificate {
        let request = try OpenSSL.run(
            ["req", "-new", "-utf8", "-key", "key", "-subj", subject], files: ["key": Array(key.utf8)])
        var files = ["request": request, "extensions": Array(extensions.utf8)]
        var arguments = [
            "x509", "-req", "-in", "request", "-days", "365", "-extfile", "extensions", "-outform", "DER", "-\(hash)",
        ]
        if let issuer {
            files["authority"] = Array(issuer.certificate.pem.utf8)
            files["key"] = Array(issuer.key.utf8)
            arguments += ["-CA", "authority", "-CAkey", "key", "-set_serial", "0x0A1B2C"]
        } else {
            files["key"] = Array(key.utf8)
            arguments += ["-signkey", "key"]
        }
        return try Certificate(encoding: OpenSSL.run(arguments, files: files))
    }
}
