/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells ThreadSanitizer of the slow paths of Swift's Mutex, and of the one-time
 * initialisation of global values. They lie in the Swift runtime, which is not
 * compiled for the sanitizer: without this a lock that was contended looks like
 * none. Linked into sanitizer builds with --wrap for each of the functions
 * (scripts/lib/sanitizers.sh).
 *
 *   swift_once(token, function, context)
 *   Synchronization._MutexHandle._lockSlow(UInt32)
 *   Synchronization._MutexHandle._tryLockSlow() -> Bool
 *   Synchronization._MutexHandle._unlockSlow()
 */
#include <stdbool.h>
#include <stdint.h>

void __tsan_acquire(void *address);
void __tsan_release(void *address);

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

/* Weak: a program that has no Mutex has none of them, and calls none. */
#define WEAK __attribute__((weak))
SWIFT WEAK void real_lock(uint32_t thread, SELF void *lock) __asm__("__real_" LOCK);
SWIFT WEAK bool real_try_lock(SELF void *lock) __asm__("__real_" TRY_LOCK);
SWIFT WEAK void real_unlock(SELF void *lock) __asm__("__real_" UNLOCK);

SWIFT void wrapped_lock(uint32_t thread, SELF void *lock) __asm__("__wrap_" LOCK);
SWIFT bool wrapped_try_lock(SELF void *lock) __asm__("__wrap_" TRY_LOCK);
SWIFT void wrapped_unlock(SELF void *lock) __asm__("__wrap_" UNLOCK);

SWIFT void wrapped_lock(uint32_t thread, SELF void *lock) {
    real_lock(thread, lock);
    __tsan_acquire(lock);
}

SWIFT bool wrapped_try_lock(SELF void *lock) {
    bool taken = real_try_lock(lock);
    if (taken) __tsan_acquire(lock);
    return taken;
}

SWIFT void wrapped_unlock(SELF void *lock) {
    __tsan_release(lock);
    real_unlock(lock);
}

void __real_swift_once(void *token, void (*function)(void *), void *context);
void __wrap_swift_once(void *token, void (*function)(void *), void *context);

struct once {
    void *token;
    void (*function)(void *);
    void *context;
};

static void run_once(void *argument) {
    struct once *once = argument;
    once->function(once->context);
    __tsan_release(once->token);
}

void __wrap_swift_once(void *token, void (*function)(void *), void *context) {
    struct once once = {token, function, context};
    __real_swift_once(token, run_once, &once);
    __tsan_acquire(token);
}
