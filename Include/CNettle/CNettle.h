/*
 * nettle (hashes with a visible state), hogweed (RSA) and the few GMP
 * functions that hogweed's keys need.
 */
#ifndef CPS_CNETTLE_H
#define CPS_CNETTLE_H

#include <stddef.h>
#include <stdint.h>
#include <gmp.h>
#include <nettle/bignum.h>
#include <nettle/pkcs1.h>
#include <nettle/pss.h>
#include <nettle/pss-mgf1.h>
#include <nettle/rsa.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>

#endif
