/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PKCS#11 declarations: p11-kit's pkcs11.h (0.24 or newer), and what older
 * versions lack, with the version and section of the standard.
 */
#ifndef CPS_CPKCS11_H
#define CPS_CPKCS11_H

/* p11-kit 0.26 declares the ciphertext length of C_DecapsulateKey as a pointer;
 * in PKCS#11 3.2 it is a number. Its declaration gets another name. */
#define C_DecapsulateKey p11_kit_C_DecapsulateKey
#include <p11-kit-1/p11-kit/pkcs11.h>
#undef C_DecapsulateKey

#include "Version3.h"

/* PKCS#11 3.0 and 3.1 §4.4: common attributes of storage objects. */
#ifndef CKA_UNIQUE_ID
#define CKA_UNIQUE_ID (0x4UL)
#endif

/* PKCS#11 3.0 and 3.1 §4.13: profile objects. */
#ifndef CKO_PROFILE
#define CKO_PROFILE (0x9UL)
#endif
#ifndef CKA_PROFILE_ID
#define CKA_PROFILE_ID (0x601UL)
#endif
#ifndef CKP_BASELINE_PROVIDER
#define CKP_BASELINE_PROVIDER (0x1UL)
#define CKP_EXTENDED_PROVIDER (0x2UL)
#define CKP_AUTHENTICATION_TOKEN (0x3UL)
#define CKP_PUBLIC_CERTIFICATES_TOKEN (0x4UL)
#endif

/* PKCS#11 2.20 §10.6.2: CKA_CERTIFICATE_CATEGORY. */
#ifndef CK_CERTIFICATE_CATEGORY_TOKEN_USER
#define CK_CERTIFICATE_CATEGORY_TOKEN_USER (1UL)
#define CK_CERTIFICATE_CATEGORY_AUTHORITY (2UL)
#endif

#endif
