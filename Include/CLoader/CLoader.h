/*
 * The dynamic loader's dladdr, which the C library shows to GNU sources only and
 * Swift therefore does not see (dladdr(3)).
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

#endif
