#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# OpenSSH: the card's key opens a session on a local sshd (docs/clients/openssh.md).
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# The file for browsers: ssh would try the signature key as well.
public_key() { within 20 ssh-keygen -D "$browser" 2>/dev/null; }

# ssh asks for the PIN through this program, as on a desktop.
askpass() { # PIN, or nothing for a dialog that is cancelled
    if [ -n "${1:-}" ]; then printf '#!/bin/sh\necho %s\n' "$1"; else printf '#!/bin/sh\nexit 1\n'; fi >askpass
    chmod 755 askpass
    export SSH_ASKPASS=$PWD/askpass SSH_ASKPASS_REQUIRE=force DISPLAY=
}

start_sshd() {
    ssh_port=$spare_port
    mkdir -p /run/sshd
    ssh-keygen -q -t ed25519 -N "" -f host_key
    public_key >authorized_keys
    cat >sshd_config <<END
Port $ssh_port
ListenAddress 127.0.0.1
HostKey $PWD/host_key
PidFile none
AuthorizedKeysFile $PWD/authorized_keys
AuthenticationMethods publickey
PermitRootLogin prohibit-password
StrictModes no
UsePAM no
LogLevel VERBOSE
END
    echo "[127.0.0.1]:$ssh_port $(cut -d' ' -f1,2 host_key.pub)" >known_hosts
    setpriv --pdeathsig TERM /usr/sbin/sshd -D -e -f "$PWD/sshd_config" >sshd.log 2>&1 &
    wait_for listens_on $! "$ssh_port" || { cat sshd.log && return 1; }
}

login() { # OPTION...
    within 30 ssh -F none -p "$ssh_port" -o UserKnownHostsFile="$PWD/known_hosts" -o StrictHostKeyChecking=yes \
        -o IdentityFile=none -o IdentityAgent="${SSH_AUTH_SOCK:-none}" "$@" "$(id -un)@127.0.0.1" 'echo logged in by card' \
        >out 2>errors </dev/null
}

lists_public_keys() {
    within 20 ssh-keygen -D "$full" >keys 2>errors
    equal 2 "$(wc -l <keys)"
    public_key >keys
    equal 1 "$(wc -l <keys)"
    ssh-keygen -i -m PKCS8 -f <(openssl x509 -in "$(certificate authentication)" -noout -pubkey) >expected
    equal "$(cut -d' ' -f2 expected)" "$(cut -d' ' -f2 keys)"
    no_pin_presented
}

logs_in() {
    start_sshd
    askpass "$pin"
    login -I "$browser" || { cat errors sshd.log; return 1; }
    contains out "logged in by card"
    card_did authentication pkcs1
    tries_spent 0
}

wrong_pin() {
    start_sshd
    askpass 9999
    fails login -I "$browser"
    contains errors "Permission denied"
    tries_spent 1
}

no_pin() {
    start_sshd
    askpass
    fails login -I "$browser"
    contains errors "Permission denied"
    no_pin_presented
}

# The agent loads a module only from folders that it was told of.
start_agent() {
    export SSH_AUTH_SOCK=$PWD/agent
    # It is setgid, for which setpriv's death signal does not count.
    ssh-agent -D -a "$SSH_AUTH_SOCK" -P "$work/pkcs11/*" >agent.log 2>&1 &
    # shellcheck disable=SC2064
    trap "kill $!" EXIT
    wait_for test -S "$SSH_AUTH_SOCK"
}

agent_keeps_the_card() {
    start_sshd
    start_agent
    askpass "$pin"
    within 20 ssh-add -s "$browser" >out 2>&1 || { cat out; return 1; }
    # No more questions from here on.
    askpass
    login || { cat errors; return 1; }
    login || { cat errors; return 1; }
    contains out "logged in by card"
    within 20 ssh-add -e "$browser"
    fails login
    tries_spent 0
}

# The agent does not log in again by itself, nor by a second `ssh-add -s`.
another_programs_events() {
    local event
    start_sshd
    start_agent
    askpass "$pin"
    within 20 ssh-add -s "$browser"
    for event in "${events[@]}"; do
        login || { cat errors; return 1; }
        another_program "$event"
        fails login
        contains errors "agent refused operation"
        fails within 20 ssh-add -s "$browser"
        pins_presented 0
        tries_spent "$(spent_by_another "$event")"
        within 20 ssh-add -e "$browser"
        within 20 ssh-add -s "$browser"
        login || { cat errors; return 1; }
        pins_presented 1
        tries_spent 0
    done
}

agent_wrong_pin() {
    start_agent
    askpass 9999
    fails within 20 ssh-add -s "$browser"
    tries_spent 1
}

signs_a_file() {
    echo "a document" >document
    public_key >key.pub
    askpass "$pin"
    start_agent
    within 20 ssh-add -s "$browser"
    within 20 ssh-keygen -Y sign -f key.pub -n file document
    echo "doctor $(cut -d' ' -f1,2 key.pub)" >signers
    ssh-keygen -Y verify -f signers -I doctor -n file -s document.sig <document
}

client openssh openssh-client openssh-server
for card in cps3 cps4; do
    scenario $card "ssh-keygen -D: both keys, and the authentication key alone for the browsers' file" lists_public_keys
    scenario $card "logs in to sshd" logs_in
    scenario $card "ssh-agent keeps the card until told to forget it" agent_keeps_the_card
    scenario $card "ssh-agent: another program logs out, is refused a PIN, resets the card: ssh-add -e and -s go on" \
        another_programs_events
    scenario $card "ssh-agent: a wrong PIN spends one try" agent_wrong_pin
    scenario $card "ssh-keygen -Y sign, verified" signs_a_file
    scenario $card "a wrong PIN spends one try" wrong_pin
    scenario $card "a cancelled PIN dialog spends none" no_pin
done
finish
