# SPDX-License-Identifier: Apache-2.0
# Runs a program that drives a browser, with the environment that support/environment.py reads.

# drive PROGRAM.py: after start_pcscd and start_server; its files go to $output.
drive() {
    BROWSERS_WORK=$work BROWSERS_OUTPUT=$output BROWSERS_PROJECT=$project BROWSERS_HIERARCHY=$hierarchy \
        BROWSERS_VIRTUAL_CARD=$virtual_card BROWSERS_READER_PORT=$reader_port BROWSERS_SERVER=$server \
        BROWSERS_SERVER_PORTS="$tls_any $tls12 $tls13 $tls_plain" BROWSERS_PCSCD_PROCESS=$pcscd_process \
        CPS_TEST_COUNTS=${stage_counts:-${CPS_TEST_COUNTS:-}} PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$project/Tests/Browsers \
        in_group timeout --kill-after 10 400 /usr/bin/python3 "$1"
}
