// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// Checks one certificate by OCSP (RFC 6960).
enum OCSP {
    /// Sends the request and verifies the response, signed by the issuer or by a responder that
    /// the issuer delegated.
    /// - Returns: `.notChecked` without a valid response.
    static func revocation(
        of certificate: Certificate, issuedBy issuer: Certificate, at address: String
    ) -> Revocation {
        defer { ERR_clear_error() }
        guard let subject = certificate.object, let authority = issuer.object,
            let identifier = unsafe OpenSSLObject(
                OCSP_cert_to_id(EVP_sha1(), subject.pointer, authority.pointer),
                free: { unsafe OCSP_CERTID_free($0) }),
            let request = question(identifier),
            let question = unsafe encoded({ unsafe i2d_OCSP_REQUEST(request.pointer, $0) }),
            let bytes = HTTP.post(
                question, "application/ocsp-request", to: address, answer: "application/ocsp-response"),
            let response = unsafe decoded(
                bytes, free: { unsafe OCSP_RESPONSE_free($0) }, { unsafe d2i_OCSP_RESPONSE(nil, $0, $1) }),
            unsafe OCSP_response_status(response.pointer) == OCSP_RESPONSE_STATUS_SUCCESSFUL,
            let answer = unsafe OpenSSLObject(
                OCSP_response_get1_basic(response.pointer), free: { unsafe OCSP_BASICRESP_free($0) }),
            // 0: the nonce differs, a response to another request. No nonce: valid until nextUpdate.
            unsafe OCSP_check_nonce(request.pointer, answer.pointer) != 0,
            isSigned(answer, by: issuer)
        else { return .notChecked }
        return status(in: answer, of: identifier, certificate)
    }

    private static func question(_ identifier: borrowing OpenSSLObject) -> OpenSSLObject? {
        guard let request = unsafe OpenSSLObject(OCSP_REQUEST_new(), free: { unsafe OCSP_REQUEST_free($0) }),
            let copy = unsafe OCSP_CERTID_dup(identifier.pointer)
        else { return nil }
        guard unsafe OCSP_request_add0_id(request.pointer, copy) != nil else {
            unsafe OCSP_CERTID_free(copy)
            return nil
        }
        return unsafe OCSP_request_add1_nonce(request.pointer, nil, -1) == 1 ? consume request : nil
    }

    private static func isSigned(_ answer: borrowing OpenSSLObject, by issuer: Certificate) -> Bool {
        guard let authority = issuer.object, let known = CertificateList([issuer]),
            let store = unsafe OpenSSLObject(X509_STORE_new(), free: { unsafe X509_STORE_free($0) }),
            unsafe X509_STORE_add_cert(store.pointer, authority.pointer) == 1,
            unsafe X509_STORE_set_flags(store.pointer, UInt(X509_V_FLAG_PARTIAL_CHAIN)) == 1
        else { return false }
        return unsafe OCSP_basic_verify(answer.pointer, known.list.pointer, store.pointer, 0) == 1
    }

    private static func status(
        in answer: borrowing OpenSSLObject, of identifier: borrowing OpenSSLObject, _ certificate: Certificate
    ) -> Revocation {
        var status: Int32 = -1
        var revoked: UnsafeMutablePointer<ASN1_TIME>?
        var this: UnsafeMutablePointer<ASN1_TIME>?
        var next: UnsafeMutablePointer<ASN1_TIME>?
        guard
            unsafe OCSP_resp_find_status(
                answer.pointer, identifier.pointer, &status, nil, &revoked, &this, &next) == 1,
            // Clocks may differ by 300 seconds.
            unsafe OCSP_check_validity(this, next, 300, -1) == 1, let made = unsafe UniversalTime(this)
        else { return .notChecked }
        switch status {
        case V_OCSP_CERTSTATUS_GOOD: return .good(asOf: made)
        case V_OCSP_CERTSTATUS_REVOKED:
            return unsafe UniversalTime(revoked).map { .revoked(certificate, at: $0) } ?? .notChecked
        default: return .notChecked
        }
    }
}
