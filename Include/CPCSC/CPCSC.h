/*
 * PC/SC as pcsc-lite declares it. Macros that Swift cannot import stand here
 * again as constants or static inline functions.
 */
#ifndef CPS_CPCSC_H
#define CPS_CPCSC_H

#include <winscard.h>
#include <reader.h>

#endif
