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

# opens_the_page: with the server of the page.
opens_the_page() {
    opens_page clients/openssh.md
    puts utilisateur@serveur user@server
    puts user@server "$person@server"
    types "M="
    ssh-keygen -i -m PKCS8 -f <(openssl x509 -in "$(certificate authentication)" -noout -pubkey) >expected
    equal "$(cut -d' ' -f2 expected)" "$(cut -d' ' -f2 cps.pub)"
    start_sshd
    install -d -m 700 -o $person_number .ssh
    printf '%s\n' "Host server" "HostName 127.0.0.1" "Port $ssh_port" >.ssh/config
}

# The page, as its reader types it: logins, and the agent.
follows_the_page() {
    opens_the_page
    no_pin_presented
    types 'ssh -I $M' "continue connecting=>yes" "$pin" '[$] =>exit'
    writes "Host server" for-good
    cat for-good >>.ssh/config
    does "ssh $person@server true" "$pin"
    pins_presented 2
    types 'eval "$(ssh-agent)"' "$pin"
    does "ssh $person@server true && ssh $person@server true"
    pins_presented 3
    types 'ssh-add -e $M'
    # Its time is over.
    page_says 'ssh-add -t 8h -s $M'
    does 'ssh-add -t 1 -s $M' "$pin"
    does 'while ssh-add -l; do sleep 0.1; done'
    case $(ssh -V 2>&1) in OpenSSH_9.*) does '! ssh-add -s $M' "$pin" ;; esac
    types 'ssh-add -e $M; ssh-add -s $M' "$pin"
    pins_presented 5
    # The card is pulled and put back.
    remove_card "$card_slot"
    does "! ssh -o BatchMode=yes $person@server true"
    insert_card "$card_slot" --profile "$profile" --protocol "$protocol" --trace "$trace" --state "$state"
    forget_trace
    does "! ssh -o BatchMode=yes $person@server true"
    contains out "agent refused operation"
    does '! ssh-add -s $M' "$pin"
    pins_presented 0
    types 'ssh-add -e $M; ssh-add -s $M' "$pin"
    does "ssh $person@server true"
    pins_presented 1
    remove_card "$card_slot"
    types 'ssh-add -e $M'
    tries_spent 0
}

# The page: a file, a commit and a tag, signed and verified, by one PIN.
signs_by_the_page() {
    opens_the_page
    types 'eval "$(ssh-agent)"' "$pin"
    echo "Ordonnance : deux verres d'eau par jour." >letter.txt
    types "ssh-keygen -Y sign"
    types "echo"
    contains out 'Good "file" signature for doctor@example.org'
    does "! ssh-keygen -Y verify -f signers -I doctor@example.org -n file -s letter.txt.sig <cps.pub"
    does "git init --quiet && git config user.name Doctor && git config user.email doctor@example.org && git add letter.txt"
    types "git config"
    equal 2 "$(grep -c 'Good "git" signature for doctor@example.org' out)"
    # Who is not on the list is not believed.
    does "sed -i s/doctor/nobody/ signers; git commit -S -m again --allow-empty; ! git verify-commit HEAD | grep doctor"
    card_did authentication pkcs1
    pins_presented 1
    tries_spent 0
}

client openssh openssh-client openssh-server git
with_pages
for card in cps3 cps4; do
    scenario $card "the page: logs in; the agent over its time and a pulled card" follows_the_page
    scenario $card "the page: a file, a commit and a tag, signed and verified by one PIN" signs_by_the_page
    scenario $card "ssh-keygen -D: both keys, and the authentication key alone for the browsers' file" lists_public_keys
    scenario $card "logs in to sshd" logs_in
    scenario $card "ssh-agent keeps the card until told to forget it" agent_keeps_the_card
    scenario $card "ssh-agent: another program logs out, is refused a PIN, resets the card: ssh-add -e and -s go on" \
        another_programs_events
    scenario $card "ssh-agent: a wrong PIN spends one try" agent_wrong_pin
    scenario $card "a wrong PIN spends one try" wrong_pin
    scenario $card "a cancelled PIN dialog spends none" no_pin
done
page_is_read clients/openssh.md
finish
