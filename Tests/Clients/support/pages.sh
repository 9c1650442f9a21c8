# SPDX-License-Identifier: Apache-2.0
# Pages of docs that are run: a test reads a page as a person does, and types its blocks
# at a terminal (reader.py).
#
#   with_pages                       once for a file of tests
#   follows_the_page() {
#       opens_page clients/curl.md
#       puts server:443 "localhost:$tls_any"       # in place of what readers put in place
#       types "curl --engine" "$pin"               # a block, by its first line or the beginning of it,
#       pins_presented 1                           # and what is typed at its questions
#   }
#   page_is_read clients/curl.md     at the end, alone on its line: no block is left
#
# A block that nobody types has its reason in the page: <!-- not run: needs a desktop -->.
# `pages.py unclaimed` looks for pages that no test reads.

# A person without rights, with a shell. No other name of this machine is like it.
person=medecin
person_number=26000

# with_pages: the person, the library where the pages say that it is, and cps.
with_pages() {
    local folder=/usr/lib/x86_64-linux-gnu/pkcs11 account=$person:x:$person_number:$person_number::$work/home:/bin/bash
    # All in this namespace, which other clients may share.
    { grep -v "^$person:" /etc/passwd && echo "$account"; } >"$work/passwd"
    shows "$work/passwd" /etc/passwd
    mkdir -p "$work/pkcs11" "$work/bin" "$folder"
    cp -a "$folder/." "$work/pkcs11"
    cp "$library" "$work/pkcs11/libcps-pkcs11.so"
    cp "$library" "$work/pkcs11/libcps-pkcs11-browser.so"
    shows "$work/pkcs11" "$folder"
    cp "$cps" "$work/bin/cps"
    export READERS_PATH=$work/bin
    # The authority of real servers is one of the system's.
    cat /etc/ssl/certs/ca-certificates.crt "$hierarchy/roots.pem" >"$work/ca-certificates.crt"
    shows "$work/ca-certificates.crt" /etc/ssl/certs/ca-certificates.crt
    install -d -m 700 -o $person_number -g $person_number "/run/user/$person_number"
    blocks_read=$work/blocks-read
    : >"$blocks_read"
}

# shows SOURCE PLACE: in place of what is there, until the end of these tests.
shows() {
    mount --bind "$1" "$2"
    at_exit umount --lazy "$2"
}

# opens_page PAGE [USER]: below docs. The first page of a test sits the reader down in the
# test's folder, which is the home.
opens_page() {
    if [ -z "${reader_PID:-}" ]; then
        chmod 755 .
        [ -n "${2:-}" ] || chown $person_number:$person_number .
        ln -sfn "$PWD" "$work/home"
        coproc reader { exec python3 -B "$project/Tests/Clients/support/reader.py" "${2:-$person}" "$PWD" "$blocks_read"; }
        [ -z "${label:-}" ] || puts "CPS4v1-…" "$label"
        [ -z "${label:-}" ] || puts "CPS3v3-…" "$label"
    fi
    page=$1
    tells page "$1"
}

puts() { tells replace "$@"; } # FROM TO
types() { tells type "$@"; } # BLOCK ANSWER...
begins() { tells begin "$@"; } # BLOCK PATTERN ANSWER...
stops() { tells stop; }
writes() { tells write "$@"; } # BLOCK FILE
does() { tells 'do' "$@"; } # COMMAND ANSWER...
at_terminal_number() { tells terminal "$1"; }

# tells WORD...: a request to the reader (reader.py).
tells() {
    local said
    printf '%s\0' $# "$@" >&"${reader[1]}"
    read -r -t 600 said <&"${reader[0]}" || said="no answer from the reader"
    [ "$said" != "done" ] || return 0
    cat out
    echo "docs/$page: $*: $said"
    return 1
}

# page_says WORDS...: in a sentence, as what readers do beyond the blocks.
page_says() { contains "$project/docs/$page" "$@"; }

# authorities_file: what the pages have in /etc/cps-pkcs11/authorities, with the authorities
# of the tests: these cannot be imported.
authorities_file() {
    cat "$hierarchy/roots.pem" "$hierarchy/intermediates.pem" >igc-sante.pem
    puts /etc/cps-pkcs11/authorities/igc-sante.pem igc-sante.pem
}

# page_is_read PAGE: each block was typed by a test of this file, or has its reason.
page_is_read() {
    local passed=$tests_passed failed=$tests_failed words="docs/$1: each block is run, or says why not"
    it "$words" python3 -B "$project/Tests/Clients/support/pages.py" unread "$1" "${blocks_read:-/dev/null}"
    ! declare -F row >/dev/null || row - $((tests_passed - passed)) $((tests_failed - failed)) "$words"
}
