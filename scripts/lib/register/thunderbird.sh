# SPDX-License-Identifier: Apache-2.0
# Thunderbird's enterprise policy, which adds the module to the profiles of all users. Older
# ones (140, of Debian 13) have no policy for modules: there each profile gets it by itself.

register_thunderbird() {
    add_to_policies /etc/thunderbird/policies/policies.json "$full_library" "${thunderbird_distributions[@]}"
    if ! thunderbird_knows_the_policy; then
        say "This Thunderbird knows no policy for modules: the module goes into the profiles that there are. Repeat this for new ones." \
            "Ce Thunderbird ne connaît pas la règle des modules : le module entre dans les profils existants. À refaire pour un nouveau profil."
        add_to_profiles "$full_library" "${thunderbird_profiles[@]}"
    fi
}

# True without a Thunderbird: one may come. Its archive is not compressed.
thunderbird_knows_the_policy() {
    local archive
    for archive in /usr/lib/thunderbird/omni.ja /opt/thunderbird/omni.ja; do
        [ ! -r "$archive" ] || grep -q 'SecurityDevices: {' "$archive" || return 1
    done
}

undo_thunderbird() {
    forget_in_profiles "${thunderbird_profiles[@]}"
    remove_from_policies /etc/thunderbird/policies/policies.json "$full_library" "${thunderbird_distributions[@]}"
}

# Where Thunderbird looks for policies if there are none in /etc.
thunderbird_distributions=(/usr/lib/thunderbird/distribution/policies.json)
# Where users' profiles are, from their home folder.
thunderbird_profiles=(.thunderbird .config/thunderbird)
