# SPDX-License-Identifier: Apache-2.0
# A program that knows no PIN, and what the card lets it do. For the cards of the
# samples, with the program `neighbour`.

# Another program, which knows no PIN and talks to the card by itself: it goes on
# with what the last program left behind, and leaves the card as it found it.
stranger() { "$work/neighbour" "Virtual reader 00 00" apdu "$@"; }

# The first bytes of CPS_ACTIVITY_03_PS, which the PIN protects.
stranger_reads() {
    if [ "$sample" = cps3 ]; then
        stranger 00A4090C063F000001D122 00B0000010 >words
    else
        stranger 01A40800040001D12200 01B0000010 >words
    fi
    read -ra words <words
    [ "${words[1]}" = 9000 ]
}

# With the signature key.
stranger_signs() {
    local digest
    digest=$(printf 'A5%.0s' {1..32})
    if [ "$sample" = cps3 ]; then
        stranger 00A4090C043F000001 002241B606800142840181 "002A9E9A20$digest" >words
    else
        stranger 01A4080C020001 012281B60491022890 "012A9E9A20${digest}00" >words
    fi
    read -ra words <words
    [ "${words[2]}" = 9000 ] || [ "${words[2]:0:2}" = 61 ]
}

card_is_open() { stranger_reads && stranger_signs; }

# Neither as the card was left, nor with the application selected anew: then it says
# that the PIN is missing.
card_is_closed() {
    local application=00A40404
    [ "$sample" = cps3 ] || application=01A4040C
    strangers_are_refused
    stranger "${application}088025000001FF0100"
    strangers_are_refused
    equal 6982 "${words[2]}"
    if stranger_reads; then return 1; fi
    equal 6982 "${words[1]}"
}

strangers_are_refused() {
    if stranger_reads || stranger_signs; then
        echo "A program without a PIN was let in: ${words[*]}"
        return 1
    fi
}
