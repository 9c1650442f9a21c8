/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenSSL 3's libcrypto: X.509 certificates, their chains and revocation (RFC 5280, 6960), and CMS
 * signatures (RFC 5652). Only for the command cps: the shared library does not use
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

#endif
