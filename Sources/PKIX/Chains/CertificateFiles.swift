// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Glibc
import HostSystem

/// Certificates from files: in PEM (any number of them), DER (one), or PKCS #7 (.p7b, any
/// number, in PEM or DER).
enum CertificateFiles {
    /// Which files are trusted.
    enum Trust {
        /// Files that the person named.
        case anyone
        /// Only files that only root can write: whoever writes an authority can make any
        /// certificate trusted.
        case rootOnly
    }

    /// The longest file in bytes; far more than certificates need.
    static let longestFile = 1 << 20

    /// The certificates in a file, or in the files that lie directly in a folder.
    static func read(_ path: String, trust: Trust) throws(CertificateError) -> [Certificate] {
        var information = stat()
        guard unsafe stat(path, &information) == 0 else { throw .unreadable(path: path, errno: errno) }
        guard information.st_mode & S_IFMT == S_IFDIR else { return try readFile(path, trust: trust) }
        guard isTrusted(information, trust) else { return [] }
        // Files in a folder that are not certificates are skipped.
        return try names(in: path).flatMap { name in (try? readFile("\(path)/\(name)", trust: trust)) ?? [] }
    }

    private static func readFile(_ path: String, trust: Trust) throws(CertificateError) -> [Certificate] {
        let bytes = try content(of: path, trust: trust)
        if let certificate = try? Certificate(encoding: bytes) { return [certificate] }
        if let certificates = collection(bytes) { return certificates }
        return PEM.decode(bytes).flatMap { certificates(labelled: $0.label, $0.bytes) }
    }

    private static func certificates(labelled label: String, _ bytes: [UInt8]) -> [Certificate] {
        switch label {
        case "CERTIFICATE", "X509 CERTIFICATE": (try? Certificate(encoding: bytes)).map { [$0] } ?? []
        case "PKCS7", "PKCS #7 SIGNED DATA", "CMS": collection(bytes) ?? []
        default: []
        }
    }

    /// The certificates in a PKCS #7 or CMS of the type signed-data; nil for anything else.
    private static func collection(_ bytes: [UInt8]) -> [Certificate]? {
        defer { ERR_clear_error() }
        guard
            let message = unsafe decoded(
                bytes, free: { unsafe CMS_ContentInfo_free($0) }, { unsafe d2i_CMS_ContentInfo(nil, $0, $1) }),
            let list = unsafe OpenSSLObject(
                CMS_get1_certs(message.pointer), free: { unsafe cps_certificates_free($0) })
        else { return nil }
        return unsafe CertificateList.certificates(in: list.pointer)
    }

    /// The content of a file; empty if it is not a regular file, or not trusted.
    static func content(
        of path: String, trust: Trust, longest: Int = longestFile
    ) throws(CertificateError) -> [UInt8] {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(path: path, errno: errno) }
        defer { _ = close(descriptor) }
        var information = stat()
        guard unsafe fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFREG,
            isTrusted(information, trust)
        else { return [] }
        do throws(ReadError) {
            return try WholeRead.read(from: descriptor, limit: longest)
        } catch {
            guard error.number != EFBIG else { return [] }
            throw .unreadable(path: path, errno: error.number)
        }
    }

    private static func isTrusted(_ information: stat, _ trust: Trust) -> Bool {
        switch trust {
        case .anyone: true
        case .rootOnly: information.st_uid == 0 && information.st_mode & (S_IWGRP | S_IWOTH) == 0
        }
    }

    /// The names in a folder, in alphabetical order.
    static func names(in folder: String) throws(CertificateError) -> [String] {
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path: folder, errno: errno) }
        defer { close(descriptor) }
        return FolderListing.names(in: descriptor).filter { !$0.hasPrefix(".") }.sorted()
    }
}
