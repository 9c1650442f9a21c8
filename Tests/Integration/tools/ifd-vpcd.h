/* SPDX-License-Identifier: Apache-2.0 */
// For drivers of pcscd that stand before the driver of the virtual reader (vpcd), and
// hand on to it what they do not do themselves. To be included in one file of a driver.
//
// Environment of pcscd:
//   IFD_VPCD  vpcd's driver file; /usr/lib/pcsc/drivers/serial/libifdvpcd.so if not set
#ifndef IFD_VPCD_H
#define IFD_VPCD_H

#include <dlfcn.h>
#include <ifdhandler.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

// pcsc-lite declares these in a header that it does not install.
RESPONSECODE IFDHCreateChannelByName(DWORD, LPSTR);
RESPONSECODE IFDHCreateChannel(DWORD, DWORD);
RESPONSECODE IFDHCloseChannel(DWORD);
RESPONSECODE IFDHGetCapabilities(DWORD, DWORD, PDWORD, PUCHAR);
RESPONSECODE IFDHSetCapabilities(DWORD, DWORD, DWORD, PUCHAR);
RESPONSECODE IFDHSetProtocolParameters(DWORD, DWORD, UCHAR, UCHAR, UCHAR, UCHAR);
RESPONSECODE IFDHPowerICC(DWORD, DWORD, PUCHAR, PDWORD);
RESPONSECODE IFDHTransmitToICC(DWORD, SCARD_IO_HEADER, PUCHAR, DWORD, PUCHAR, PDWORD, PSCARD_IO_HEADER);
RESPONSECODE IFDHControl(DWORD, DWORD, PUCHAR, DWORD, PUCHAR, DWORD, LPDWORD);
RESPONSECODE IFDHICCPresence(DWORD);

static pthread_once_t vpcd_loading = PTHREAD_ONCE_INIT;
static void *vpcd;

static void load_vpcd(void) {
    const char *path = getenv("IFD_VPCD");
    vpcd = dlopen(path ? path : "/usr/lib/pcsc/drivers/serial/libifdvpcd.so", RTLD_NOW | RTLD_LOCAL);
    if (!vpcd) fprintf(stderr, "%s\n", dlerror());
}

// A function of vpcd's driver; of the same type as ours of that name.
static void *behind(const char *name) {
    pthread_once(&vpcd_loading, load_vpcd);
    return vpcd ? dlsym(vpcd, name) : NULL;
}

#define HAND_ON(function, ...) \
    do { \
        __typeof__(&function) next; \
        *(void **)&next = behind(#function); \
        return next ? next(__VA_ARGS__) : IFD_COMMUNICATION_ERROR; \
    } while (0)

#endif
