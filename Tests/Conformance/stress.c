/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One of the processes of the stress test: eight threads sign with two cards while
 * somebody pulls and resets the cards, and once in a while the library is
 * finalized under their feet.
 *
 *   stress MODULE PIN SECONDS QUIET
 *
 * In the last QUIET seconds the cards are left alone: then every thread must get a
 * signature. Every signature is judged; every code must be one that such a
 * life explains; no call may take longer than 40 seconds.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/conformance.h"

#define THREADS 8
#define LONGEST_CALL 40000

static const char *pin;
static atomic_ulong last_call[THREADS];
static _Atomic(const char *) last_name[THREADS];
static atomic_ulong signatures[THREADS], late_signatures[THREADS], refusals;
static unsigned long end_of_chaos, end_of_test;

/* What may become of a call while cards come and go, and the library too. */
static bool is_explained(CK_RV code) {
    switch (code) {
    case CKR_DEVICE_REMOVED:
    case CKR_DEVICE_ERROR:
    case CKR_FUNCTION_FAILED:
    case CKR_SESSION_HANDLE_INVALID:
    case CKR_TOKEN_NOT_PRESENT:
    case CKR_TOKEN_NOT_RECOGNIZED:
    case CKR_USER_NOT_LOGGED_IN:
    case CKR_USER_ALREADY_LOGGED_IN:
    case CKR_KEY_HANDLE_INVALID:
    case CKR_OBJECT_HANDLE_INVALID:
    case CKR_CRYPTOKI_NOT_INITIALIZED:
    case CKR_SLOT_ID_INVALID: return true;
    default: return false;
    }
}

/* Which refusals there were, for people. */
static struct {
    const char *name;
    CK_RV code;
    unsigned long times, late;
} seen[64];
static pthread_mutex_t seen_lock = PTHREAD_MUTEX_INITIALIZER;

static void note_refusal(const char *name, CK_RV code) {
    pthread_mutex_lock(&seen_lock);
    for (int index = 0; index < 64; index++) {
        if (seen[index].name != NULL && (seen[index].name != name || seen[index].code != code)) continue;
        seen[index].name = name;
        seen[index].code = code;
        seen[index].times++;
        seen[index].late += milliseconds_now() > end_of_chaos + 2000;
        break;
    }
    pthread_mutex_unlock(&seen_lock);
}

static bool worked(unsigned thread, const char *name, CK_RV code) {
    atomic_store(&last_call[thread], milliseconds_now());
    if (code == CKR_OK) return true;
    atomic_fetch_add(&refusals, 1);
    note_refusal(name, code);
    if (!is_explained(code)) expect("a code that cards which come and go explain", false, "%s: %s", name, rv_name(code));
    return false;
}

#define TRY(name, call) (atomic_store(&last_name[thread], name), worked(thread, name, call))

/* Everything from a session to its signatures; false once something was refused. */
static bool one_session(unsigned thread, CK_SLOT_ID slot, unsigned *random) {
    CK_SESSION_HANDLE session = 0;
    CK_MECHANISM mechanisms[] = {{CKM_RSA_PKCS, NULL, 0}, {CKM_SHA256_RSA_PKCS, NULL, 0}};
    if (!TRY("C_OpenSession", p11->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session))) return false;
    CK_SESSION_INFO info;
    if (!TRY("C_GetSessionInfo", p11->C_GetSessionInfo(session, &info))) return false;
    if (info.state == CKS_RW_PUBLIC_SESSION) {
        atomic_store(&last_name[thread], "C_Login");
        CK_RV got = login(session, pin);
        if (got != CKR_USER_ALREADY_LOGGED_IN && !worked(thread, "C_Login", got)) goto close;
    }
    {
        CK_OBJECT_HANDLE key = private_key(session, (int)(rand_r(random) % 2));
        CK_OBJECT_HANDLE public = key ? public_key_of(session, key) : 0;
        public_numbers numbers;
        if (key == 0 || public == 0 || !read_public_numbers(session, public, &numbers)) goto close;
        unsigned times = 1 + (unsigned)rand_r(random) % 6;
        for (unsigned index = 0; index < times && milliseconds_now() < end_of_test; index++) {
            char message[48];
            unsigned char info_bytes[51], signature[256];
            CK_ULONG length = sizeof signature;
            bool hashed = rand_r(random) % 2;
            int size = snprintf(message, sizeof message, "%d.%u.%u.%d", getpid(), thread, index, rand_r(random));
            size_t info_length = sha256_info(message, (size_t)size, info_bytes);
            if (!TRY("C_SignInit", p11->C_SignInit(session, &mechanisms[hashed], key))) goto close;
            CK_RV got;
            atomic_store(&last_name[thread], "C_Sign");
            if (hashed) {
                got = p11->C_SignUpdate(session, (CK_BYTE *)message, (CK_ULONG)size);
                if (got == CKR_OK) got = p11->C_SignFinal(session, signature, &length);
            } else {
                got = p11->C_Sign(session, info_bytes, info_length, signature, &length);
            }
            if (!worked(thread, "C_Sign", got)) goto close;
            if (!is_pkcs1_signature(&numbers, info_bytes, info_length, signature, length))
                expect("a signature", false, "WRONG SIGNATURE, thread %u", thread);
            atomic_fetch_add(&signatures[thread], 1);
            if (milliseconds_now() > end_of_chaos + 2000) atomic_fetch_add(&late_signatures[thread], 1);
        }
    }
    TRY("C_CloseSession", p11->C_CloseSession(session));
    return true;
close:
    /* Not all leave an orderly house. */
    if (rand_r(random) % 4) TRY("C_CloseSession", p11->C_CloseSession(session));
    return false;
}

static void *work(void *argument) {
    unsigned thread = (unsigned)(size_t)argument, random = thread * 7919 + (unsigned)getpid();
    while (milliseconds_now() < end_of_test) {
        CK_SLOT_ID slot = thread % 2;
        CK_SLOT_INFO slot_info;
        CK_TOKEN_INFO token_info;
        /* Other threads need not be out of the library for C_Finalize: mostly they are not. */
        bool done = one_session(thread, slot, &random);
        if (milliseconds_now() > end_of_chaos) {
            /* The cards are shared by 24 threads: nobody is to starve for the others' haste. */
            usleep((useconds_t)(500 + rand_r(&random) % 500) * 1000);
        } else if (!done) {
            usleep((useconds_t)(rand_r(&random) % 100) * 1000);
        }
        if (rand_r(&random) % 4 == 0) TRY("C_GetSlotInfo", p11->C_GetSlotInfo(slot, &slot_info));
        if (rand_r(&random) % 4 == 0) TRY("C_GetTokenInfo", p11->C_GetTokenInfo(slot, &token_info));
        if (rand_r(&random) % 16 == 0) TRY("C_CloseAllSessions", p11->C_CloseAllSessions(slot));
    }
    atomic_store(&last_call[thread], ~0UL);
    return NULL;
}

static void *wait_for_events(void *argument) {
    (void)argument;
    while (milliseconds_now() < end_of_test) {
        CK_SLOT_ID slot;
        CK_ULONG count = 8;
        CK_SLOT_ID slots[8];
        CK_RV got = p11->C_WaitForSlotEvent(0, &slot, NULL);
        if (got != CKR_OK && got != CKR_CRYPTOKI_NOT_INITIALIZED) expect_rv("C_WaitForSlotEvent", CKR_OK, got);
        if (got != CKR_OK) usleep(20000);
        p11->C_GetSlotList(CK_TRUE, slots, &count);
    }
    return NULL;
}

/* Finalizes and initialises now and then; sees to it that no call hangs. */
static void supervise(void) {
    unsigned random = (unsigned)getpid();
    unsigned long next = milliseconds_now() + 5000;
    while (milliseconds_now() < end_of_test) {
        sleep_milliseconds(100);
        unsigned long now = milliseconds_now();
        for (unsigned thread = 0; thread < THREADS; thread++) {
            unsigned long last = atomic_load(&last_call[thread]);
            if (last != ~0UL && now > last + LONGEST_CALL) {
                const char *name = atomic_load(&last_name[thread]);
                give_up("DEADLOCK: thread %u is in %s since %lu ms", thread, name ? name : "?", now - last);
            }
        }
        if (now > next && now < end_of_chaos) {
            next = now + 3000 + (unsigned long)(rand_r(&random) % 5000);
            unsigned long before = milliseconds_now();
            expect_rv("C_Finalize", CKR_OK, p11->C_Finalize(NULL));
            unsigned long took = milliseconds_now() - before;
            if (took > 2000) note("C_Finalize took %lu ms", took);
            expect_rv("C_Initialize", CKR_OK, p11->C_Initialize(NULL));
        }
    }
}

int main(int count, char **arguments) {
    if (count < 5) {
        fprintf(stderr, "usage: stress MODULE PIN SECONDS QUIET\n");
        return 2;
    }
    pin = arguments[2];
    unsigned long seconds = strtoul(arguments[3], NULL, 10), quiet = strtoul(arguments[4], NULL, 10);
    load_module(arguments[1]);
    watchdog((unsigned)(seconds + 120), "stress");
    end_of_test = milliseconds_now() + seconds * 1000;
    end_of_chaos = end_of_test - quiet * 1000;
    must("C_Initialize", p11->C_Initialize(NULL));
    CK_ULONG slots = 0;
    must("C_GetSlotList", p11->C_GetSlotList(CK_FALSE, NULL, &slots));
    pthread_t threads[THREADS], waiter;
    for (unsigned thread = 0; thread < THREADS; thread++) {
        atomic_store(&last_call[thread], milliseconds_now());
        pthread_create(&threads[thread], NULL, work, (void *)(size_t)thread);
    }
    pthread_create(&waiter, NULL, wait_for_events, NULL);
    supervise();
    for (unsigned thread = 0; thread < THREADS; thread++) pthread_join(threads[thread], NULL);
    expect_rv("C_Finalize at the end", CKR_OK, p11->C_Finalize(NULL));
    pthread_join(waiter, NULL);
    unsigned long all = 0;
    for (unsigned thread = 0; thread < THREADS; thread++) {
        char what[64];
        snprintf(what, sizeof what, "thread %u signs once the cards are left alone", thread);
        expect(what, atomic_load(&late_signatures[thread]) > 0, "%lu signatures before", atomic_load(&signatures[thread]));
        all += atomic_load(&signatures[thread]);
    }
    note("%lu signatures, %lu refusals", all, atomic_load(&refusals));
    for (int index = 0; index < 64 && seen[index].name != NULL; index++)
        note("%s %s: %lu times, of which %lu with the cards left alone", seen[index].name, rv_name(seen[index].code),
             seen[index].times, seen[index].late);
    return finish();
}
