/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the C library knows of how this program was started and loaded, and shows
 * to Swift not at all or to GNU sources only (dladdr(3), getauxval(3), gettid(2)); and
 * the allocator of the program that loaded us.
 */
#ifndef CPS_CLOADER_H
#define CPS_CLOADER_H

typedef struct {
    const char *file_name;
    void *file_base;
    const char *symbol_name;
    void *symbol_address;
} cps_address_information;

extern int cps_dladdr(const void *address, cps_address_information *information) __asm__("dladdr");

extern unsigned long cps_auxiliary_value(unsigned long type) __asm__("getauxval");

/* AT_SECURE: whether the program has rights that its user has not. */
enum { cps_auxiliary_secure = 23 };

extern int cps_thread_id(void) __asm__("gettid");

/*
 * What the linker makes of --wrap=malloc and --wrap=malloc_usable_size: our library's
 * calls go to __wrap_..., which CPSPKCS11 implements; __real_... is the allocator.
 */
void *__real_malloc(unsigned long size);
unsigned long __real_malloc_usable_size(void *block);
void *__wrap_malloc(unsigned long size);
unsigned long __wrap_malloc_usable_size(void *block);

#endif
