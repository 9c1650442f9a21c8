/* SPDX-License-Identifier: Apache-2.0 */
// Microseconds from nothing to a function list: dlopen and C_GetFunctionList.
//
//   load-time MODULE
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <stdio.h>
#include <time.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

int main(int count, char **words) {
    if (count != 2) return 2;
    double start = now();
    void *module = dlopen(words[1], RTLD_NOW);
    if (!module) {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    CK_C_GetFunctionList get = NULL;
    CK_FUNCTION_LIST_PTR list = NULL;
    *(void **)&get = dlsym(module, "C_GetFunctionList");
    if (!get || get(&list) != CKR_OK || !list) return 1;
    printf("%.0f\n", now() - start);
    return 0;
}
