/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSSL 3: X.509 certificates, their chains and revocation (RFC 5280, 6960), and CMS signatures
 * (RFC 5652) by libcrypto, HTTPS by libssl. Only for the command cps: the shared library does not use
 * OpenSSL, since the program that loads it may have another version.
 *
 * The functions below replace macros, which Swift cannot import: stacks, which have
 * one set of macros for each type of element, and freeing memory.
 */
#ifndef CPS_COPENSSL_H
#define CPS_COPENSSL_H

/* Otherwise its macros put the path of this file into the command. */
#define OPENSSL_NO_FILENAMES

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/ess.h>
#include <openssl/evp.h>
#include <openssl/http.h>
#include <openssl/objects.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

static inline void cps_free(void *memory) { OPENSSL_free(memory); }

/* A memory BIO's bytes, which the BIO still owns; NULL and 0 if there are none. */
static inline const unsigned char *cps_bio_bytes(BIO *bio, size_t *length) {
  char *bytes = NULL;
  long count = BIO_get_mem_data(bio, &bytes);
  *length = count > 0 ? (size_t)count : 0;
  return (const unsigned char *)bytes;
}

/* Certificates. The list holds its own reference to an added certificate. */
static inline STACK_OF(X509) *cps_certificates_new(void) { return sk_X509_new_null(); }
static inline int cps_certificates_count(const STACK_OF(X509) *list) {
  return list == NULL ? 0 : sk_X509_num(list);
}
static inline X509 *cps_certificates_at(const STACK_OF(X509) *list, int index) {
  return sk_X509_value(list, index);
}
static inline int cps_certificates_add(STACK_OF(X509) *list, X509 *certificate) {
  if (!X509_up_ref(certificate)) return 0;
  if (sk_X509_push(list, certificate) > 0) return 1;
  X509_free(certificate);
  return 0;
}
static inline void cps_certificates_free(STACK_OF(X509) *list) { sk_X509_pop_free(list, X509_free); }

/* Signers of a CMS signature. */
static inline int cps_signers_count(const STACK_OF(CMS_SignerInfo) *list) {
  return list == NULL ? 0 : sk_CMS_SignerInfo_num(list);
}
static inline CMS_SignerInfo *cps_signers_at(const STACK_OF(CMS_SignerInfo) *list, int index) {
  return sk_CMS_SignerInfo_value(list, index);
}

/* Addresses in certificates. A list of them is freed with X509_email_free. */
static inline int cps_addresses_count(const STACK_OF(OPENSSL_STRING) *list) {
  return list == NULL ? 0 : sk_OPENSSL_STRING_num(list);
}
static inline const char *cps_addresses_at(const STACK_OF(OPENSSL_STRING) *list, int index) {
  return sk_OPENSSL_STRING_value(list, index);
}

/* The addresses of lists of revoked certificates (RFC 5280 4.2.1.13). */
static inline STACK_OF(OPENSSL_STRING) *cps_list_addresses(X509 *certificate) {
  STACK_OF(OPENSSL_STRING) *found = sk_OPENSSL_STRING_new_null();
  CRL_DIST_POINTS *points = X509_get_ext_d2i(certificate, NID_crl_distribution_points, NULL, NULL);
  for (int i = 0; found != NULL && points != NULL && i < sk_DIST_POINT_num(points); i++) {
    const DIST_POINT_NAME *place = sk_DIST_POINT_value(points, i)->distpoint;
    if (place == NULL || place->type != 0) continue;
    for (int j = 0; j < sk_GENERAL_NAME_num(place->name.fullname); j++) {
      const GENERAL_NAME *name = sk_GENERAL_NAME_value(place->name.fullname, j);
      if (name->type != GEN_URI) continue;
      const ASN1_IA5STRING *address = name->d.uniformResourceIdentifier;
      char *text = OPENSSL_strndup((const char *)ASN1_STRING_get0_data(address), (size_t)ASN1_STRING_length(address));
      if (text != NULL && sk_OPENSSL_STRING_push(found, text) <= 0) OPENSSL_free(text);
    }
  }
  CRL_DIST_POINTS_free(points);
  return found;
}

/* Purposes of an extended key usage. */
static inline int cps_purposes_count(const EXTENDED_KEY_USAGE *list) {
  return list == NULL ? 0 : sk_ASN1_OBJECT_num(list);
}
static inline const ASN1_OBJECT *cps_purposes_at(const EXTENDED_KEY_USAGE *list, int index) {
  return sk_ASN1_OBJECT_value(list, index);
}

/* HTTPS. */
struct cps_tls {
  SSL_CTX *context;
  const char *host;
  const char *port;
  int timeout;
};

/* Puts TLS over a connection of OSSL_HTTP_transfer's, which frees it with the connection. The server's
 * certificate must be for its name. NULL if it cannot be done. */
static inline BIO *cps_tls_over(BIO *bio, void *argument, int connect, int uses_tls) {
  const struct cps_tls *tls = argument;
  if (!connect || !uses_tls) return bio;
  if (OSSL_HTTP_adapt_proxy(NULL, NULL, tls->host, 1) != NULL &&
      !OSSL_HTTP_proxy_connect(bio, tls->host, tls->port, NULL, NULL, tls->timeout, NULL, NULL))
    return NULL;
  SSL *ssl = SSL_new(tls->context);
  BIO *over = BIO_new(BIO_f_ssl());
  if (ssl == NULL || over == NULL || !SSL_set1_host(ssl, tls->host) || !SSL_set_tlsext_host_name(ssl, tls->host)) {
    SSL_free(ssl);
    BIO_free(over);
    return NULL;
  }
  SSL_set_connect_state(ssl);
  BIO_set_ssl(over, ssl, BIO_CLOSE);
  return BIO_push(over, bio);
}

/* A question by POST over HTTPS, as OSSL_HTTP_transfer asks it over HTTP. The authorities are the system's,
 * or those that SSL_CERT_FILE and SSL_CERT_DIR name. */
static inline BIO *cps_https_post(
    const char *host, const char *port, const char *path, const char *type, BIO *question, const char *answer,
    size_t longest, int timeout) {
  struct cps_tls tls = {SSL_CTX_new(TLS_client_method()), host, port, timeout};
  BIO *result = NULL;
  if (tls.context != NULL && SSL_CTX_set_default_verify_paths(tls.context) &&
      SSL_CTX_set_min_proto_version(tls.context, TLS1_2_VERSION)) {
    SSL_CTX_set_verify(tls.context, SSL_VERIFY_PEER, NULL);
    result = OSSL_HTTP_transfer(
        NULL, host, port, path, 1, NULL, NULL, NULL, NULL, cps_tls_over, &tls, 0, NULL, type, question, answer, 1,
        longest, timeout, 0);
  }
  SSL_CTX_free(tls.context);
  return result;
}

#endif
