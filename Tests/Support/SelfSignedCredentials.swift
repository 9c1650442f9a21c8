// SPDX-License-Identifier: Apache-2.0

import Foundation
import HostCryptography
import HostSystem
import Messages
import VirtualCPS

/// Keys and self-signed certificates for unit tests, where a whole hierarchy would take too
/// long. Made once per process with the openssl command.
extension CardCredentials {
    private static let made = Lock<[String: CardCredentials]>([:])

    /// The credentials of this profile's card; the subject and the extensions
    /// are those of `CertificateConfiguration`.
    public static func selfSigned(for profile: CardProfile) throws(VirtualCardError) -> CardCredentials {
        let name = "\(profile.serial) \(profile.generation.rawValue)"
        do {
            return try made.withLock { made in
                if let credentials = made[name] { return credentials }
                let credentials = try make(profile)
                made[name] = credentials
                return credentials
            }
        } catch {
            throw VirtualCardError(
                Message("openssl made no certificate: \(error)", fr: "openssl n'a pas fait de certificat : \(error)"))
        }
    }

    private static func make(_ profile: CardProfile) throws -> CardCredentials {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("cps-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let today = WallTime.now.date ?? profile.validFrom
        let configuration = folder.appendingPathComponent("openssl.cnf")
        try Data(CertificateConfiguration(profile: profile, today: today).text.utf8).write(to: configuration)
        var credentials = CardCredentials(keys: [:], certificates: [:])
        for key in CardKey.keys(of: profile.generation) {
            let keyFile = folder.appendingPathComponent("key.pem")
            let certificate = folder.appendingPathComponent("cert.der")
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = [
                "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-outform", "DER",
                "-config", configuration.path, "-section", "request_\(key.rawValue)", "-extensions", key.rawValue,
                "-keyout", keyFile.path, "-out", certificate.path,
            ]
            // The filler for a certificate of a given size.
            process.environment = ProcessInfo.processInfo.environment.merging(
                ["FILLER": String(repeating: "x", count: profile.certificateSize == nil ? 0 : 2700)]
            ) { $1 }
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            guard process.terminationStatus == 0 else {
                throw VirtualCardError(
                    Message("exit code \(process.terminationStatus)", fr: "code de sortie \(process.terminationStatus)")
                )
            }
            credentials.keys[key] = try RSAPrivateKey(pem: String(contentsOf: keyFile, encoding: .utf8))
            credentials.certificates[key] = Array(try Data(contentsOf: certificate))
        }
        return credentials
    }
}
