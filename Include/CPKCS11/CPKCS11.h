/*
 * The PKCS#11 declarations: p11-kit's pkcs11.h (version 2.40), and what it
 * lacks, each with the version and section of the standard it comes from.
 */
#ifndef CPS_CPKCS11_H
#define CPS_CPKCS11_H

#include <p11-kit/pkcs11.h>

#endif
