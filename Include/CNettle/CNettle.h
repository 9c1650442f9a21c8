/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nettle's hashes, whose contexts give access to their state, and RSA over GMP
 * (RFC 8017 §5). The two functions below take and return big-endian bytes, so that
 * no GMP number, which Swift cannot initialise, outlives a call.
 *
 * GMP raises a signal for a division by zero and aborts without memory. So every
 * number has at most 512 bytes (HostCryptography ensures that), and a zero or even
 * modulus is refused here.
 *
 * getrandom(2) comes along, because Swift's Glibc module leaves it out.
 */
#ifndef CPS_CNETTLE_H
#define CPS_CNETTLE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>
#include <gmp.h>
#include <nettle/sha1.h>
#include <nettle/sha2.h>

static inline void cps_number_init(mpz_t number, const uint8_t *bytes, size_t length) {
  mpz_init(number);
  mpz_import(number, length, 1, 1, 1, 0, bytes);
}

/* Writes exactly `length` bytes; returns 0 if the number needs more. */
static inline int cps_number_write(const mpz_t number, uint8_t *bytes, size_t length) {
  size_t used = mpz_sgn(number) == 0 ? 0 : (mpz_sizeinbase(number, 2) + 7) / 8;
  if (used > length) return 0;
  memset(bytes, 0, length);
  mpz_export(bytes + (length - used), NULL, 1, 1, 1, 0, number);
  return 1;
}

/* Whether 0 < number < limit. */
static inline int cps_number_is_within(const mpz_t number, const mpz_t limit) {
  return mpz_sgn(number) > 0 && mpz_cmp(number, limit) < 0;
}

/*
 * output = input ^ exponent mod modulus; input and output are as long as the
 * modulus. Returns 1; or 0 if the input is not less than the modulus, the exponent
 * is zero, or the modulus is even.
 */
static inline int cps_rsa_public_apply(
    const uint8_t *modulus, size_t modulus_length,
    const uint8_t *exponent, size_t exponent_length,
    const uint8_t *input, uint8_t *output) {
  mpz_t n, e, m;
  int done = 0;
  cps_number_init(n, modulus, modulus_length);
  cps_number_init(e, exponent, exponent_length);
  cps_number_init(m, input, modulus_length);
  if (mpz_odd_p(n) && mpz_sgn(e) > 0 && mpz_cmp(m, n) < 0) {
    mpz_powm(m, m, e, n);
    done = cps_number_write(m, output, modulus_length);
  }
  mpz_clear(m);
  mpz_clear(e);
  mpz_clear(n);
  return done;
}

/*
 * output = input ^ d mod modulus by the Chinese remainder theorem (RFC 8017
 * §5.1.2, 2b). `parts` holds p, q, dP, dQ and qInv one after the other,
 * `part_length` bytes each. The result is checked with the public key: 0 also
 * when the parts do not belong to it. Not blinded, and what GMP frees is not
 * wiped: for virtual cards, whose keys protect nothing.
 */
static inline int cps_rsa_private_apply(
    const uint8_t *modulus, size_t modulus_length,
    const uint8_t *exponent, size_t exponent_length,
    const uint8_t *parts, size_t part_length,
    const uint8_t *input, uint8_t *output) {
  mpz_t n, e, m, p, q, dp, dq, inverse, product, x, y;
  int done = 0;
  cps_number_init(n, modulus, modulus_length);
  cps_number_init(e, exponent, exponent_length);
  cps_number_init(m, input, modulus_length);
  cps_number_init(p, parts, part_length);
  cps_number_init(q, parts + part_length, part_length);
  cps_number_init(dp, parts + 2 * part_length, part_length);
  cps_number_init(dq, parts + 3 * part_length, part_length);
  cps_number_init(inverse, parts + 4 * part_length, part_length);
  mpz_inits(product, x, y, NULL);
  mpz_mul(product, p, q);
  /* An odd product has odd factors, and neither is zero. */
  if (mpz_odd_p(n) && mpz_cmp(product, n) == 0 && mpz_sgn(e) > 0 && mpz_cmp(m, n) < 0
      && cps_number_is_within(dp, p) && cps_number_is_within(dq, q)
      && cps_number_is_within(inverse, p)) {
    mpz_powm_sec(x, m, dp, p);
    mpz_powm_sec(y, m, dq, q);
    mpz_sub(x, x, y);
    mpz_mul(x, x, inverse);
    mpz_mod(x, x, p);
    mpz_addmul(y, x, q);
    mpz_powm(x, y, e, n);
    done = mpz_cmp(x, m) == 0 && cps_number_write(y, output, modulus_length);
  }
  mpz_clears(n, e, m, p, q, dp, dq, inverse, product, x, y, NULL);
  return done;
}

#endif
