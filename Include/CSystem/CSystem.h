/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions of the C library and the kernel that Swift does not import: dladdr(3),
 * getauxval(3), gettid(2), futex(2), signalfd(2), memmem(3). The host program's allocator.
 * Replacements for functions of the Swift runtime.
 */
#ifndef CPS_CSYSTEM_H
#define CPS_CSYSTEM_H

#include <linux/futex.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct {
    const char *file_name;
    void *file_base;
    const char *symbol_name;
    void *symbol_address;
} cps_address_information;

extern int cps_dladdr(const void *address, cps_address_information *information) __asm__("dladdr");

extern unsigned long cps_auxiliary_value(unsigned long type) __asm__("getauxval");

/* AT_SECURE: whether this is a set-user-ID program. */
enum { cps_auxiliary_secure = 23 };

extern int cps_thread_id(void) __asm__("gettid");

/* Where the needle is in the bytes; null if it is not. */
extern const void *cps_find(
    const void *bytes, unsigned long count, const void *needle, unsigned long needle_count) __asm__("memmem");

/*
 * For the linker options --wrap=malloc and --wrap=malloc_usable_size: our library calls
 * __wrap_..., which CPSPKCS11 implements; __real_... is the allocator.
 */
void *__real_malloc(unsigned long size);
unsigned long __real_malloc_usable_size(void *block);
void *__wrap_malloc(unsigned long size);
unsigned long __wrap_malloc_usable_size(void *block);

/*
 * Replacements, by the linker option --wrap, for two functions of the Swift runtime
 * (CPSPKCS11, SwiftRuntime.swift): swift::runtime::environment::initialize(void *) and
 * swift::threading_impl::once_slow(once_t &, void (*)(void *), void *).
 */
void __wrap__ZN5swift7runtime11environment10initializeEPv(void *context);

void __wrap__ZN5swift14threading_impl9once_slowERNS0_6once_tEPFvPvES3_(
    void *once, void (*body)(void *), void *context);

/* Whether the process runs under ThreadSanitizer. */
extern const _Bool cps_swift_is_watched __asm__("_swift_tsan_enabled");

/* Two functions that the library defines in place of the runtime's. */
char **_swift_stdlib_getUnsafeArgvArgc(int *count);
void _swift_stdlib_overrideUnsafeArgvArgc(char **arguments, int count);

/* futex(2) between threads of one process: waits while the word has this value. */
static inline void cps_futex_wait(void *word, int value) {
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, (void *)0, (void *)0, 0);
}

/* Wakes one waiting thread. */
static inline void cps_futex_wake_one(void *word) {
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, (void *)0, (void *)0, 0);
}

#endif
