# SPDX-License-Identifier: Apache-2.0
# The cards of the tests, by name, and what is known of each.

# sample NAME: sets what the tests expect of the card.
#   cps3 (T=0), cps4 (T=1), cps4-t0 (the ATR that offers T=0 alone), contactless
#   cps3-unpadded: its PIN has no fixed block
#   cps3-wordy: refuses SELECT of a file with P2 = 0C
#   cps3-fetching: wants the answer to SELECT fetched before a file is read
sample() {
    sample=$1
    pin=1234
    puk=12345678
    local application=e828bd080f8025000001ff0010
    signature_id=${application}10
    authentication_id=${application}20
    puk_tries=3
    valid_from=2026-01-01 valid_until=2031-12-31
    new_pin=567890 pin_digits="4 to 8 digits" pin_digits_in_french="4 à 8 chiffres"
    card_options=()
    case $1 in
    cps3 | cps3-*)
        valid_from=2024-01-01 valid_until=2034-12-31
        profile=doctor-cps3 protocol=t0 serial=99213845 label=CPS3v3-2600000001 puk_tries=10
        signature_id=${application}01
        authentication_id=${application}02
        case $1 in
        *-unpadded) card_options=(--pin-block unpadded) ;;
        *) new_pin=5678 pin_digits="4 digits" pin_digits_in_french="4 chiffres" ;;
        esac
        case $1 in
        *-wordy) card_options=(--no-silent-select) ;;
        *-fetching) card_options=(--fetch-select) ;;
        esac
        ;;
    cps4 | cps4-t0)
        profile=doctor-cps4 protocol=t1 serial=99214001 label=CPS4v1-2600000004
        [ "$1" = cps4 ] || protocol=t0
        ;;
    contactless)
        profile=contactless protocol=t1 serial=99214803 label=CPS3v3-2600000005
        technical_id=${application}03
        ;;
    esac
    profile=$project/Sources/cps-virtual-card/Profiles/$profile.json
    issued=$hierarchy/cards/$serial
}

# insert NAME OPTION...: the card into slot 0, as new, with its trace and state
# in the test's folder. Damaged or not, a card has one serial number and one state:
# what was kept of another one under it goes.
insert() {
    sample "$1"
    shift
    rm -rf "$XDG_CACHE_HOME/cps-pkcs11"
    trace=$PWD/$sample.trace
    state=$PWD/$sample.state
    insert_card "${card_slot:-0}" --profile "$profile" --protocol "$protocol" --trace "$trace" --state "$state" \
        "${card_options[@]}" "$@"
}

# copy_hierarchy FOLDER: as it is between two runs of scripts/make-test-hierarchy, which
# other stages may start.
copy_hierarchy() { flock "$hierarchy/.lock" cp -aH "$hierarchy" "$1"; }

# counter FIELD: what the card itself knows: pinTriesLeft, pukTriesLeft, pin.
counter() { sed -n "s/.*\"$1\" : \"\\{0,1\\}\\([0-9]*\\).*/\\1/p" "$state"; }

# commands [PATTERN]: the commands in the trace that begin like this.
commands() { grep -E "^[^ ]+ > ${1:-}" "$trace" || true; }

# card_got PATTERN: such a command has reached the card.
card_got() { [ -n "$(commands "$1")" ]; }

# forget_trace: only what comes from now on counts.
forget_trace() { : >"$trace"; }

# PERFORM SECURITY OPERATION or INTERNAL AUTHENTICATE.
private_key_operation='[0-9A-F]{2} (2A|88) '

# MANAGE SECURITY ENVIRONMENT, PERFORM SECURITY OPERATION, INTERNAL AUTHENTICATE.
private_key_commands() { commands '[0-9A-F]{2} (22|2A|88) '; }
