/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PC/SC as pcsc-lite declares it. Macros that Swift cannot import are repeated as
 * static inline functions.
 */
#ifndef CPS_CPCSC_H
#define CPS_CPCSC_H

#include <winscard.h>
#include <reader.h>

/* Constants from function-like macros. */
static inline DWORD cps_attribute_atr(void) { return SCARD_ATTR_ATR_STRING; }
static inline DWORD cps_get_feature_request(void) { return CM_IOCTL_GET_FEATURE_REQUEST; }

#endif
