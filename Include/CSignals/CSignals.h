/* SPDX-License-Identifier: Apache-2.0 */
/* signalfd(2), by which a program waits for a signal and for input at once; Swift's
 * view of the C library has it not. */
#ifndef CPS_CSIGNALS_H
#define CPS_CSIGNALS_H

#include <sys/signalfd.h>

#endif
