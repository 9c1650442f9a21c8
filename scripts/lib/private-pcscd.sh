# SPDX-License-Identifier: Apache-2.0
# A private pcscd with virtual readers, beside the machine's own.
#
# The script moves into its own mount namespace, where a tmpfs lies over /run/pcscd, and
# another over /run/user: only the script and its children see the private pcscd, which sees
# neither USB readers nor the machine's configuration. It ends with the script, even if that
# is killed (setpriv --pdeathsig).
#
# vpcd listens on two TCP ports in a row, one for each of its two slots.

# The number of consecutive ports that the readers of start_pcscd take.
ports_of_readers=2

# enter_own_namespace "$0" "$@": call it first: the script starts again inside.
enter_own_namespace() {
    [ -z "${CPS_OWN_NAMESPACE:-}" ] || return 0
    [ "$(id -u)" -eq 0 ] ||
        give_up "Please run this as root: a private pcscd needs its own mount namespace." \
            "À lancer en tant que root : un pcscd privé demande son propre espace de montage."
    unshare --mount true 2>/dev/null ||
        give_up "This machine refuses mount namespaces (CAP_SYS_ADMIN is needed)." \
            "Cette machine refuse les espaces de montage (il faut CAP_SYS_ADMIN)."
    CPS_OWN_NAMESPACE=1 exec unshare --mount -- "$BASH" "$@"
}

# start_pcscd: one virtual reader with two slots; $reader_port is the port of the first.
# ${pcscd_command[@]} starts it again on the same ports.
start_pcscd() {
    local folder=$work/pcscd attempt options=()
    mkdir -p "$folder/configuration" "$folder/no-usb-drivers" /run/pcscd
    mount -t tmpfs -o mode=755 tmpfs /run/pcscd
    make_user_folder
    if pcscd --help | grep -- --disable-polkit >/dev/null; then options+=(--disable-polkit); fi
    for attempt in {1..20}; do
        reader_port=$(random_ports "$ports_of_readers")
        write_reader_configuration "$reader_port" >"$folder/configuration/reader.conf"
        pcscd_command=(env "PCSCLITE_HP_DROPDIR=$folder/no-usb-drivers" setpriv --pdeathsig TERM
            pcscd --foreground --info --config "$folder/configuration" "${options[@]}")
        "${pcscd_command[@]}" >"$folder/log" 2>&1 &
        pcscd_process=$!
        if pcscd_becomes_ready; then
            at_exit stop_process "$pcscd_process"
            return 0
        fi
        # Another program has the ports: try others.
        stop_process "$pcscd_process"
    done
    cat "$folder/log" >&2
    give_up "pcscd does not start." "pcscd ne démarre pas."
}

# make_user_folder: makes an empty /run/user/UID, as a login at the machine does. The card logins
# of the stage are registered there, apart from all others.
make_user_folder() {
    mkdir -p /run/user
    mount -t tmpfs -o mode=755 tmpfs /run/user
    mkdir -m 700 "/run/user/$(id -u)"
}

# random_ports COUNT: prints the first of COUNT consecutive TCP ports, below the kernel's own
# range. Stages that run side by side have a range each (side-by-side.sh); another run may
# still have the ports.
random_ports() {
    local first=20000 range=12000
    if [ -n "${CPS_TEST_LANE:-}" ]; then
        range=1200
        first=$((20000 + CPS_TEST_LANE % 10 * range))
    fi
    echo $((first + RANDOM % (range / $1) * $1))
}

write_reader_configuration() {
    local driver
    driver=$(echo /usr/lib/pcsc/drivers/serial/libifdvpcd.so*)
    printf 'FRIENDLYNAME "Virtual reader"\nDEVICENAME /dev/null:0x%X\nLIBPATH %s\nCHANNELID 0x%X\n' \
        "$1" "${driver%% *}" "$1"
}

pcscd_becomes_ready() {
    local end=$((SECONDS + 30)) index
    until [ -S /run/pcscd/pcscd.comm ]; do
        kill -0 "$pcscd_process" 2>/dev/null && [ "$SECONDS" -lt "$end" ] || return 1
        pause 0.02
    done
    for ((index = 0; index < ports_of_readers; index++)); do
        listens_on "$pcscd_process" $((reader_port + index)) || return 1
    done
}

# listens_on PID PORT: whether this process listens on the port.
listens_on() {
    local socket
    for socket in $(awk -v port="$(printf ':%04X' "$2")" \
        '$4 == "0A" && substr($2, length($2) - 4) == port { print $10 }' /proc/net/tcp /proc/net/tcp6 2>/dev/null); do
        if find "/proc/$1/fd" -lname "socket:\[$socket\]" 2>/dev/null | grep . >/dev/null; then return 0; fi
    done
    return 1
}
