#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `cps doctor`: pcscd, readers, cards and the report. Both pcscd and the cards are real;
# the programs are those of a constructed computer (--root).
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=/dev/null
. "$project/scripts/lib/private-layer.sh"
# shellcheck source=SCRIPTDIR/support/command.sh
. "$project/Tests/Command/support/command.sh"
# shellcheck source=/dev/null
. "$project/Tests/Command/support/doctor.sh"

all_is_well() { # CARD
    insert "$1"
    healthy_tree
    doctor 0
    contains out "All is well."
    lacks names problem warning
    # No code was presented for it.
    equal "" "$(commands '0[01] 20 00 .. 0[1-9]')"
    LC_ALL=fr_FR.UTF-8 "$cps" doctor --root "$PWD/tree" >out
    contains out "Tout va bien." "essais sur" "valable jusqu'au"
}

names_each_part() {
    insert cps3
    healthy_tree
    doctor 0
    has "ok service.reachable" "ok reader.known" "ok card.answers" "ok pin.ready" "ok unblocking-code.ready" \
        "ok certificate.valid" "ok library.installed" "ok p11-kit.registered" "ok firefox.registered" \
        "ok thunderbird.registered" "ok chromium.registered"
}

# --- pcscd

no_service() {
    healthy_tree
    doctor 1
    has "problem service.not-running"
    contains out "systemctl enable --now pcscd.socket"
    rm tree/usr/sbin/pcscd
    doctor 1
    has "problem service.not-installed"
    LC_ALL=fr_FR.UTF-8 "$cps" doctor --root "$PWD/tree" >out || true
    contains out "Il n'est pas installé." "apt install pcscd"
}

# A socket that nobody serves, one that this user may not open, and one whose server
# gives the connection up as pcscd does when polkit says no.
service_refuses() {
    healthy_tree
    python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("/run/pcscd/pcscd.comm")'
    doctor 1
    has "problem service.dead"
    rm /run/pcscd/pcscd.comm
    setpriv --pdeathsig TERM python3 -c '
import socket
server = socket.socket(socket.AF_UNIX)
server.bind("/run/pcscd/pcscd.comm")
server.listen()
print("ready", flush=True)
import select, time
while True:
    client = server.accept()[0]
    select.select([client], [], [], 1)
    time.sleep(0.05)
    client.close()' >server &
    local server=$!
    wait_for grep -q ready server
    chmod 666 /run/pcscd/pcscd.comm
    doctor 1
    has "problem service.refused"
    contains out "polkit or D-Bus is not running"
    as_nobody doctor --root "$PWD/tree" >out || true
    contains out "refuses this user (polkit" "(man cps)"
    LC_ALL=fr_FR.UTF-8 as_nobody doctor --root "$PWD/tree" >out || true
    contains out "refuse cet utilisateur"
    SSH_CONNECTION=1 as_nobody doctor --root "$PWD/tree" >out || true
    contains out "Remote sessions are refused by default"
    chmod 700 /run/pcscd/pcscd.comm
    as_nobody doctor >out || true
    contains out "This user may not open /run/pcscd/pcscd.comm."
    kill "$server"
    rm /run/pcscd/pcscd.comm
}

as_nobody() { setpriv --reuid nobody --clear-groups "$cps" "$@"; }

# --- Readers

# pcscd_without_readers COMMAND...: with a pcscd that has none.
pcscd_without_readers() {
    local folder=$PWD/empty process result=0
    mkdir -p "$folder/configuration" "$folder/drivers"
    PCSCLITE_HP_DROPDIR=$folder/drivers setpriv --pdeathsig TERM \
        pcscd --foreground --config "$folder/configuration" >"$folder/log" 2>&1 &
    process=$!
    wait_for test -S /run/pcscd/pcscd.comm
    "$@" || result=$?
    stop_process "$process"
    rm -f /run/pcscd/*
    return "$result"
}

usb_device() { # NAME VENDOR PRODUCT CLASS
    local folder=tree/sys/bus/usb/devices
    mkdir -p "$folder/$1" "$folder/$1:1.0"
    echo "$2" >"$folder/$1/idVendor"
    echo "$3" >"$folder/$1/idProduct"
    echo "SmartReader" >"$folder/$1/product"
    echo "$4" >"$folder/$1:1.0/bInterfaceClass"
}

without_readers() {
    local plist=tree/usr/lib/pcsc/drivers/ifd-ccid.bundle/Contents/Info.plist
    healthy_tree
    usb_device 1-1 046d c077 03
    doctor 1
    has "problem reader.none"
    usb_device 1-2 08e6 3437 0b
    doctor 1
    has "problem reader.no-driver"
    contains out "08e6:3437" "apt install libccid"
    lacks out 046d
    mkdir -p "${plist%/*}"
    echo "<string>0x1234</string>" >"$plist"
    doctor 1
    has "problem reader.unknown-to-driver"
    echo "<string>0x08E6</string> <string>0x3437</string>" >"$plist"
    doctor 1
    has "problem reader.not-served"
    mkdir -p tree/sys/module/pn533_usb
    doctor 1
    has "warning reader.kernel-driver"
}

# French terminals that are no PC/SC readers, and one of the same maker that is one.
health_terminals() {
    healthy_tree
    usb_device 1-1 0f14 0012 0a
    doctor 1
    has "problem reader.not-pcsc"
    contains out "0f14:0012" "Ingenico Healthcare" "PC/SC mode in its menu"
    lacks names reader.none
    LC_ALL=fr_FR.UTF-8 "$cps" doctor --root "$PWD/tree" >out || true
    contains out "mode PC/SC dans son menu"
    rm -r tree/sys
    usb_device 1-1 2947 0101 0a
    mkdir -p "tree/sys/bus/usb/devices/1-1:1.1"
    echo 0b >"tree/sys/bus/usb/devices/1-1:1.1/bInterfaceClass"
    doctor 1
    lacks names reader.not-pcsc
    has "problem reader.no-driver"
    local vendor
    for vendor in 0b00 2947 356f; do
        usb_device 1-2 $vendor 0001 ff
        doctor 1
        has "problem reader.not-pcsc"
    done
}

# Beside a reader that works it is no problem.
terminal_beside_reader() {
    insert cps3
    healthy_tree
    usb_device 1-1 0f14 0012 0a
    doctor 0
    has "ok reader.not-pcsc" "ok card.answers"
}

# Where the environment says that pcscd is, as libpcsclite does: the one that runs elsewhere counts for nothing.
service_elsewhere() {
    healthy_tree
    PCSCLITE_CSOCK_NAME=$PWD/nowhere doctor 1
    has "problem service.not-running"
    PCSCLITE_CSOCK_NAME=/$(printf 'n%.0s' {1..200}) doctor 1
    has "problem service.failing"
}

service_hangs() {
    healthy_tree
    kill -STOP "$pcscd_process"
    doctor 1 --patience 1
    kill -CONT "$pcscd_process"
    has "problem service.silent"
    contains out "It does not answer." "systemctl restart pcscd"
}

# --- Cards

empty_reader() {
    remove_card 0
    healthy_tree
    doctor 1
    has "problem card.none"
    LC_ALL=fr_FR.UTF-8 "$cps" doctor --root "$PWD/tree" >out || true
    contains out "Aucune carte dans le lecteur." "Insérez-la, puce en avant."
}

unknown_card() {
    trace=$PWD/unknown.trace
    insert_card 0 --raw-atr 3B6500002063CBA6A0 --trace "$trace" --protocol t0
    healthy_tree
    doctor 1
    has "problem card.unknown"
    contains out "ATR 3B 65 00 00 20 63 CB A6 A0"
    equal "" "$(commands)"
    # Nobody knows what a CPS4 answers there.
    insert_card 0 --raw-atr 3B8180018080
    doctor 1
    has "problem card.unknown-contactless"
    lacks out older
    contains out "into a contact reader"
}

# The doctor's desk: the patient's card in one slot, the CPS card in the other.
beside_vitale() {
    healthy_tree
    insert_card 0 --raw-atr 3B751300004609EA9000
    doctor 1
    has "problem card.vitale"
    insert_card 1 --profile "$project/Sources/cps-virtual-card/Profiles/doctor-cps4.json" --protocol t1
    doctor 0
    has "ok card.vitale" "ok card.answers"
    contains out "00 00: a Vitale card"
    LC_ALL=fr_FR.UTF-8 "$cps" doctor --root "$PWD/tree" >out
    contains out "00 00 : une carte Vitale"
    insert_card 0 --raw-atr 3B6500002063CBA6A0
    doctor 0
    has "ok card.unknown" "ok card.answers"
    remove_card 1
}

wrong_pins() { # CARD
    insert "$1"
    healthy_tree
    p11 --login --pin 9999 --list-objects >/dev/null 2>&1 || true
    doctor 0
    has "warning pin.tries-used"
    p11 --login --pin 9999 --list-objects >/dev/null 2>&1 || true
    doctor 0
    has "warning pin.last-try"
    p11 --login --pin 9999 --list-objects >/dev/null 2>&1 || true
    doctor 1
    has "problem pin.blocked"
    contains out "cps pin unblock"
    equal 0 "$(counter pinTriesLeft)"
    LC_ALL=fr_FR.UTF-8 "$cps" doctor --root "$PWD/tree" >out || true
    contains out "bloqué, il ne reste aucun essai" "1 problème"
}

# Nothing is advised that the card cannot do any more.
blocked_for_good() {
    insert_changed cps4 's/("(pin|puk)": .*"[0-9]+")/\1, "triesLeft": 0/'
    healthy_tree
    doctor 1
    has "problem pin.blocked" "warning unblocking-code.blocked"
    equal 2 "$(grep -c "This card cannot be unblocked any more" out)"
    lacks out "cps pin unblock"
    LC_ALL=fr_FR.UTF-8 "$cps" doctor --root "$PWD/tree" >out || true
    contains out "Cette carte ne peut plus être débloquée"
}

contactless() {
    insert contactless
    healthy_tree
    doctor 0
    has "ok card.answers" "ok pin.contactless"
    contains out "without contact"
}

two_cards() {
    insert cps3
    insert_card 1 --profile "$project/Sources/cps-virtual-card/Profiles/doctor-cps4.json" --protocol t1
    healthy_tree
    doctor 0
    equal 2 "$(grep -c '^ok card.answers' names)"
    contains out "00 00: a CPS3 card" "00 01: a CPS4 card" "00 00: The unblocking code: 10" \
        "00 01: The unblocking code: 3" "00 01: Certificat de Signature CPS: valid until"
    remove_card 1
}

# A card of the same authorities, one certificate of which is over, and one is to come.
wrong_dates() {
    sample cps3
    sed -e 's/99213845/99213846/' -e '$s/}$/, "certificates": { "signature": "expired", "authentication": "notYetValid" } }/' \
        "$profile" >profile.json
    copy_hierarchy hierarchy
    CPS_VIRTUAL_CARD=$virtual_card "$project/scripts/make-test-hierarchy" "$PWD/hierarchy" profile.json >hierarchy.log 2>&1
    hierarchy=$PWD/hierarchy insert_card 0 --profile profile.json --protocol t0
    healthy_tree
    doctor 1
    has "problem certificate.expired" "problem certificate.not-yet-valid"
}

authorities() {
    mkdir -p /etc/cps-pkcs11/authorities
    insert cps3
    healthy_tree
    cp "$hierarchy/roots.pem" "$hierarchy/intermediates.pem" /etc/cps-pkcs11/authorities/
    doctor 0
    has "ok certificate.trusted"
    lacks names warning
    openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -subj "/CN=Somebody else" -out other.pem 2>/dev/null
    rm /etc/cps-pkcs11/authorities/*
    cp other.pem /etc/cps-pkcs11/authorities/
    doctor 0
    has "warning certificate.unknown-authority"
}

# kept exclusive|hold: by another program, which is named.
kept() {
    local process
    insert cps3
    healthy_tree
    setpriv --pdeathsig TERM "$work/neighbour" "Virtual reader (70D7E2EE) 00 00" "$1" 60 >neighbour.out &
    process=$!
    wait_for grep -q ready neighbour.out
    doctor 1 --patience 2
    has "problem card.kept" "warning neighbour.may-keep"
    contains out "neighbour (process $process)" "holds the card exclusively"
    LC_ALL=fr_FR.UTF-8 "$cps" doctor --root "$PWD/tree" --patience 2 >out || true
    contains out "neighbour (processus $process)" "garde la carte pour lui seul"
    kill "$process"
    wait "$process" || true
}

other_middleware() {
    insert cps3
    healthy_tree
    coproc other { "$work/p11-calls" "$(dpkg --listfiles opensc-pkcs11 | grep '/opensc-pkcs11\.so$' | tail -n 1)"; }
    echo "open 0" >&"${other[1]}"
    read -r -t 60 answer <&"${other[0]}"
    echo "OpenSC: $answer"
    doctor 0
    has "warning neighbour.other-middleware"
    contains out "with the library of OpenSC" "p11-calls (process "
    local process=$other_PID
    # shellcheck disable=SC1083,SC2093
    exec {other[1]}>&-
    wait "$process" || true
}

# --- Logins

# logs_in: a program that is logged in, and can be killed: $holder.
logs_in() {
    mkfifo calls
    "$work/p11-calls" "$library" <calls >holder.log &
    holder=$!
    exec {holder_calls}>calls
    printf '%s\n' "open 0" "login user $pin" >&"$holder_calls"
    wait_for is_logged_in
}

is_logged_in() { [ "$(grep -c '^CKR_OK' holder.log)" = 2 ]; }

killed() {
    kill -KILL "$holder"
    wait "$holder" || true
}

# A login that was left open beside a program that is connected and calls nothing.
left_open() { # CARD
    insert "$1"
    healthy_tree
    start_program
    ask "open 0"
    logs_in
    doctor 0
    has "ok login.standing"
    contains out "One program of this user is logged in." "p11-calls (process $holder), logged in" \
        "p11-calls (process $program_PID)"
    lacks out "p11-calls (process $program_PID), logged in"
    killed
    doctor 0
    has "warning login.left-open"
    contains out "cps status"
    LC_ALL=fr_FR.UTF-8 "$cps" doctor --root "$PWD/tree" >out
    contains out "n'importe quel logiciel peut signer sans le code porteur" "« cps status »"
    # It said so twice, and changed nothing.
    doctor 0
    has "warning login.left-open"
    "$cps" status >out
    doctor 0
    lacks names login.
    end_program
}

# With nobody connected the card has lost its power.
left_alone() { # CARD
    insert "$1"
    healthy_tree
    logs_in
    killed
    wait_for said_to_be_closed
    LC_ALL=fr_FR.UTF-8 "$cps" doctor --root "$PWD/tree" >out
    contains out "elle est refermée"
}

said_to_be_closed() { doctor 0 && has "ok login.ended"; }

# --- The report

report_is_impersonal() { # CARD
    local language word
    insert "$1"
    healthy_tree
    own_profile "/home/somebody/lib/libcps-pkcs11.so" "/media/somebody/libcps-pkcs11.so"
    policy /home/colleague/libcps-pkcs11.so >tree/etc/firefox/policies/policies.json
    mkdir -p tree/etc
    echo 'PRETTY_NAME="Some Linux 1"' >tree/etc/os-release
    mkdir -p tree/var/lib/dpkg
    printf 'Package: pcscd\nStatus: install ok installed\nVersion: 1.9.9-2\n\nPackage: libccid\nStatus: deinstall ok config-files\nVersion: 9\n' \
        >tree/var/lib/dpkg/status
    # Whatever a profile's strings are, they are the card's or its holder's.
    python3 - "$profile" <<'PROGRAM' >words
import json, sys
def strings(value):
    if isinstance(value, dict):
        for key, item in value.items():
            if key != "comment": yield from strings(item)
    elif isinstance(value, list):
        for item in value: yield from strings(item)
    elif isinstance(value, str): yield value
for word in strings(json.load(open(sys.argv[1]))):
    if len(word) > 4 and word != "CPS3v3": print(word)
PROGRAM
    [ "$(wc -l <words)" -gt 4 ]
    openssl x509 -inform DER -in "$(find "$issued" -name '*.cert.der' | head -n 1)" -noout -serial | sed 's/serial=//' >>words
    { echo "$label"; echo "$serial"; echo /home/somebody; echo somebody; echo colleague; hostname; echo 70D7E2EE; } >>words
    for language in C.UTF-8 fr_FR.UTF-8; do
        rm -f report
        LC_ALL=$language "$cps" doctor --root "$PWD/tree" --report report >out || true
        equal "-rw-------" "$(stat --format=%A report)"
        while read -r word; do
            if grep -qiF -- "$word" report; then
                echo "in the report: $word"
                cat report
                return 1
            fi
        done <words
        # shellcheck disable=SC2088
        contains report "Virtual reader (#) 00 00" "Some Linux 1" "pcscd 1.9.9-2" card.answers "~/lib/libcps-pkcs11.so" \
            /home/USER/libcps-pkcs11.so /media/USER/libcps-pkcs11.so
        lacks report "libccid 9"
    done
    contains report "3 problèmes" "certificate.valid"
}

report_cannot_be_written() {
    local status=0
    healthy_tree
    "$cps" doctor --root "$PWD/tree" --report nowhere/report >out 2>errors || status=$?
    equal 8 "$status"
    contains errors "nowhere/report cannot be written"
}

# An ordinary user sees what is his to see.
as_ordinary_user() {
    insert cps4
    healthy_tree
    as_nobody doctor --root "$PWD/tree" >out 2>errors || true
    contains out "a CPS4 card, which answers" "could not be looked into"
}

mount -t tmpfs -o mode=755 tmpfs /run/pcscd
cd "$work" || exit 1
chmod 755 "$work"
it "no pcscd: not started, not installed" no_service
it "a pcscd that has ended, that refuses, that may not be asked" service_refuses
it "no reader; one on USB without a driver, unknown, not served" pcscd_without_readers without_readers
it "health terminals on USB that are no PC/SC readers" pcscd_without_readers health_terminals
# As readers on USB are called, with their serial number.
eval "$(declare -f write_reader_configuration | sed 's/Virtual reader/Virtual reader (70D7E2EE)/')"
start_pcscd
private_layer /etc
# The official software's authorities, which know no test card.
hidden /etc/opt/santesocial
tool p11-calls
# shellcheck disable=SC2046
gcc -std=gnu17 -Wall -Wextra -O1 -o "$work/neighbour" "$project/Tests/Conformance/neighbour.c" \
    $(pkg-config --cflags --libs libpcsclite) || give_up "neighbour.c does not compile." "neighbour.c ne se compile pas."
for card in cps3 cps4; do
    it "$card: all is well, and no code is presented" all_is_well "$card"
    it "$card: wrong codes, the last try, blocked" wrong_pins "$card"
    it "$card: the report has no personal data" report_is_impersonal "$card"
done
for card in cps3 cps4; do
    it "$card: programs that are logged in, and a login that was left open" left_open "$card"
    it "$card: a login that was left, and nobody connected" left_alone "$card"
done
it "cps4: blocked for good" blocked_for_good
it "a pcscd that does not answer" service_hangs
it "a pcscd elsewhere than the environment says" service_elsewhere
it "each part has its finding" names_each_part
it "no card" empty_reader
it "a health terminal beside a reader that works" terminal_beside_reader
it "another card: nothing is sent to it" unknown_card
it "a Vitale card, alone and beside a CPS card" beside_vitale
it "a contactless card" contactless
it "two cards" two_cards
it "a certificate that has expired, and one that is not valid yet" wrong_dates
it "authorities: known, and not known" authorities
it "a program holds the card exclusively" kept exclusive
it "a program does not end its transaction" kept hold
it "a program with another library is named" other_middleware
it "an ordinary user" as_ordinary_user
it "a report that cannot be written" report_cannot_be_written
finish
