/* SPDX-License-Identifier: Apache-2.0 */
/* libFuzzer's own main function, for programs that have one themselves
 * (https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library). */
#ifndef CPS_CLIBFUZZER_H
#define CPS_CLIBFUZZER_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));

#endif
