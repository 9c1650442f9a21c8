# SPDX-License-Identifier: Apache-2.0
# Messages for people, in French when the locale asks for it, else in English.

case ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} in fr*) french=1 ;; *) french= ;; esac

# text ENGLISH FRENCH: prints the one in the person's language.
text() { if [ -n "$french" ]; then printf '%s' "$2"; else printf '%s' "$1"; fi; }

# say ENGLISH FRENCH: prints it as a line.
say() {
    text "$1" "$2"
    echo
}

# give_up ENGLISH FRENCH: writes the reason to stderr, and ends with 1 or $give_up_status.
give_up() {
    say "$1" "$2" >&2
    exit "${give_up_status:-1}"
}
