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

# drive PROGRAM.py [ARGUMENT...]: after start_pcscd and start_server; its files go to $output.
# $drive_limit is how long it may take, in seconds.
drive() {
    BROWSERS_WORK=$work BROWSERS_OUTPUT=$output BROWSERS_PROJECT=$project BROWSERS_HIERARCHY=$hierarchy \
        BROWSERS_VIRTUAL_CARD=$virtual_card BROWSERS_READER_PORT=$reader_port BROWSERS_SERVER=$server \
        BROWSERS_SERVER_PORTS="$tls_any $tls12 $tls13 $tls_plain" BROWSERS_PCSCD_PROCESS=$pcscd_process \
        CPS_TEST_COUNTS=${stage_counts:-${CPS_TEST_COUNTS:-}} PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$project/Tests/Browsers \
        in_group timeout --kill-after 10 "${drive_limit:-400}" /usr/bin/python3 "$@"
}
