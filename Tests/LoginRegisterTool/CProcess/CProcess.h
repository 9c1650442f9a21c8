/* SPDX-License-Identifier: Apache-2.0 */
/* What Swift's view of the C library hides or has not. */
#ifndef CPS_CPROCESS_H
#define CPS_CPROCESS_H

extern int cps_pipe2(int *ends, int flags) __asm__("pipe2");
extern int cps_fork(void) __asm__("fork");

#endif
