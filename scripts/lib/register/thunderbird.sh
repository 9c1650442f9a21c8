# SPDX-License-Identifier: Apache-2.0
# Thunderbird's enterprise policy, which adds the module to the profiles of all users.

register_thunderbird() { add_to_policies /etc/thunderbird/policies/policies.json "$full_library" "${thunderbird_distributions[@]}"; }

undo_thunderbird() {
    forget_in_profiles "${thunderbird_profiles[@]}"
    remove_from_policies /etc/thunderbird/policies/policies.json "$full_library" "${thunderbird_distributions[@]}"
}

# Where Thunderbird looks for policies if there are none in /etc.
thunderbird_distributions=(/usr/lib/thunderbird/distribution/policies.json)
# Where users' profiles are, from their home folder.
thunderbird_profiles=(.thunderbird .config/thunderbird)
