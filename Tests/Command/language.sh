#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Help and error messages of cps, in the language of the locale.
# shellcheck source=SCRIPTDIR/../Integration/support/harness.sh
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
# shellcheck source=SCRIPTDIR/support/command.sh
. "$project/Tests/Command/support/command.sh"

# language ENGLISH|FRENCH VARIABLE=VALUE...
language() {
    local expected=$1
    shift
    env -u LC_ALL -u LC_MESSAGES -u LANG "$@" "$cps" --help >out
    case $expected in
    french) contains out "EMPLOI : cps" "Cartes de professionnel de santé" ;;
    english) contains out "USAGE: cps" "Health professional cards" ;;
    esac
}

has_the_version() {
    equal "$(cat "$project/VERSION")" "$("$cps" --version)"
    equal "$(cat "$project/VERSION")" "$("$virtual_card" --version)"
}

# Every word of the parser's own is translated, in every command's help.
help_is_french() {
    local command commands
    mapfile -t commands < <("$cps" help | sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p')
    [ ${#commands[@]} -ge 3 ]
    for command in "${commands[@]}" "pin change" "pin unblock" "cert export" "data list" "data get" "data set" "card report" \
        "card compare"; do
        # shellcheck disable=SC2086
        in_french ends 0 help $command
        contains out "OBJET :" "EMPLOI : cps $command" "Affiche cette aide."
        lacks out USAGE OVERVIEW "Show " "subcommand" "default:"
        # What each command does is told in one form.
        equal "" "$(grep -E '^OBJET : [^ ]+(er|ir|re) ' out || true)"
        # French sets these apart.
        equal "" "$(grep -E '[^ ][;:]( |$)' out || true)"
        # shellcheck disable=SC2086
        ends 0 help $command
        contains out "USAGE: cps $command"
        lacks out "Affiche" "Écrit" "Le lecteur"
    done
}

complains() { # ENGLISH FRENCH OPTION...
    local english=$1 french=$2
    shift 2
    ends 64 "$@"
    contains err "$english" "for more information."
    in_french ends 64 "$@"
    contains err "$french" "Pour en savoir plus"
    equal "" "$(cat out)"
}

names_commands() { # ENGLISH FRENCH NAMES OPTION...
    local english=$1 french=$2 names=$3
    shift 3
    ends 64 "$@"
    contains err "$english" "Commands: $names"
    in_french ends 64 "$@"
    contains err "$french" "Il y a : $names"
}

# French sets signs apart from words, and no line begins with one.
keeps_signs_with_words() {
    local columns
    insert cps4
    for columns in {40..70}; do
        AT_TERMINAL_COLUMNS=$columns in_french at_terminal 1 -- doctor
        equal "" "$(grep -E '^ *[:;?!»]|«$' screen || true)"
    done
}

completes() {
    local shell
    for shell in bash zsh fish; do
        ends 0 --generate-completion-script "$shell"
        contains out status unblock
        in_french ends 0 --generate-completion-script "$shell"
        contains out status unblock
    done
    "$cps" --generate-completion-script bash >completion
    bash -n completion
}

survives_closed_descriptors() {
    local result=0
    # A card of the test before may still be on its way out.
    remove_card 0
    "$cps" status <&- >out 2>err || result=$?
    equal 3 "$result"
    result=0
    "$cps" --help >&- 2>err || result=$?
    equal 8 "$result"
    result=0
    "$cps" status nonsense >&- 2>&- || result=$?
    equal 64 "$result"
    result=0
    { "$cps" help; echo $? >ended; } | head -c 1 >/dev/null
    # Nobody read the rest, or all of it fitted into the pipe.
    grep -qE '^(0|8)$' ended
}

start_pcscd
cd "$work" || exit 1
it "LANG" language french LANG=fr_FR.UTF-8
it "LC_ALL before LANG" language english LC_ALL=C LANG=fr_FR.UTF-8
it "LC_MESSAGES before LANG" language french LC_MESSAGES=fr_CA LANG=en_US.UTF-8
it "an empty LC_ALL counts for nothing" language french LC_ALL= LANG=fr
it "the locale C" language english LC_ALL=C
it "no locale" language english HOME=/
it "another language" language english LANG=de_DE.UTF-8
it "help of every command" help_is_french
it "the version is that of the library and the packages" has_the_version
it "an unknown option" complains "Unknown option '--jsn'. Did you mean '--json'?" "L'option « --jsn » n'existe pas. Vouliez-vous dire « --json » ?" status --jsn
it "a value that is missing" complains "Missing value for '--reader" "Il manque une valeur à « --reader" info --reader
it "a word too many" complains "Unexpected argument 'nonsense'" "« nonsense » est de trop." status nonsense
it "words too many" complains "2 unexpected arguments: 'a', 'b'" "2 arguments sont de trop : « a », « b »." info a b
it "a value where none belongs" complains "does not take any value" "ne prend pas de valeur" status --json=yes
it "a value that is none of two" complains "Please provide one of 'signature' and 'authentication'." "Choisissez entre « signature » et « authentication »." sign --key x y
it "an unknown command" names_commands "There is no command \`statut\`." "La commande « statut » n'existe pas." "status, info, pin" statut --json
it "an unknown subcommand" names_commands "There is no command \`put\`." "La commande « put » n'existe pas." "list, get, set" data put x
it "no line begins with a sign" keeps_signs_with_words
it "completion scripts" completes
it "closed descriptors and pipes" survives_closed_descriptors
finish
