# SPDX-License-Identifier: Apache-2.0
# Runs a program that drives a browser, with the environment that support/environment.py reads.

# install_library: where packages put it, and the copy for browsers beside it; only the script
# and its children see them.
install_library() {
    local folder=/usr/lib/x86_64-linux-gnu/pkcs11
    private_layer $folder || give_up "No private layer over $folder." "Pas de couche privée sur $folder."
    install -m 644 "$library" "$folder/libcps-pkcs11.so"
    install -m 644 "$library" "$folder/libcps-pkcs11-browser.so"
    private_layer /etc || give_up "No private layer over /etc." "Pas de couche privée sur /etc."
}

# make_base_system: $base_system is this system's /usr without the library, and without what
# the library needs; only the script and its children see it.
make_base_system() {
    local layer=$work/base-system
    base_system=$layer/usr
    mkdir "$layer"
    mount -t tmpfs -o mode=755 tmpfs "$layer"
    mkdir "$layer/upper" "$layer/work" "$layer/usr"
    mount -t overlay overlay -o "lowerdir=/usr,upperdir=$layer/upper,workdir=$layer/work" "$layer/usr"
    at_exit umount --lazy "$layer"
    rm -rf "$layer/usr/share/p11-kit" "$layer"/usr/lib/*/{libpcsclite*,libnettle*,libhogweed*,libgmp*,pkcs11,p11-kit*}
}

# drive PROGRAM.py [ARGUMENT...]: after start_pcscd and start_server; its files go to $output.
# $drive_limit is how long it may take, in seconds.
drive() {
    BROWSERS_WORK=$work BROWSERS_OUTPUT=$output BROWSERS_PROJECT=$project BROWSERS_HIERARCHY=$hierarchy \
        BROWSERS_VIRTUAL_CARD=$virtual_card BROWSERS_REGISTER=$register BROWSERS_READER_PORT=$reader_port \
        BROWSERS_SERVER=$server \
        BROWSERS_SERVER_PORTS="$tls_any $tls12 $tls13 $tls_plain $tls_usual" BROWSERS_PCSCD_PROCESS=$pcscd_process \
        BROWSERS_BASE_SYSTEM=${base_system:-} CPS_TEST_COUNTS=${stage_counts:-${CPS_TEST_COUNTS:-}} PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$project/Tests/Browsers \
        in_group timeout --kill-after 10 "${drive_limit:-400}" /usr/bin/python3 "$@"
}
