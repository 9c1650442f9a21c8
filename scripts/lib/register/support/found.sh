# SPDX-License-Identifier: Apache-2.0
# What to set up when nothing was named: the programs of this computer that the card
# is for, as far as this user may. ssh, Java and OpenSSL wait to be named: they change
# how a person logs in, or are given a file.

# find_clients: into $steps; says which.
find_clients() {
    if [ "$(id -u)" -eq 0 ]; then
        # A package has brought these two.
        [ ! -r "$project/scripts/lib/build.sh" ] || steps+=(library p11-kit)
        ! has_program firefox firefox-esr || steps+=(firefox)
        ! has_program thunderbird || steps+=(thunderbird)
        [ "$action" != undo ] || steps+=(official-path)
    elif has_program chromium chromium-browser google-chrome brave-browser microsoft-edge || [ -e "$HOME/.pki/nssdb" ]; then
        steps+=(chromium)
    fi
    if [ "$action" = undo ]; then turn_round; fi
    if [ ${#steps[@]} -eq 0 ]; then
        say "Nothing was found to set up for this user. As root: Firefox, Thunderbird." \
            "Rien à régler pour cet utilisateur. En tant que root : Firefox, Thunderbird."
    else
        say "Found: ${steps[*]}" "Trouvé : ${steps[*]}"
    fi
}

has_program() {
    local name
    for name in "$@"; do
        if command -v "$name" >/dev/null; then return; fi
    done
    return 1
}

# turn_round: $steps the other way: the library goes last.
turn_round() {
    local turned=() step
    for step in "${steps[@]}"; do turned=("$step" "${turned[@]}"); done
    steps=("${turned[@]}")
}
