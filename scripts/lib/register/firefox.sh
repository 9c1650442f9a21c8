# SPDX-License-Identifier: Apache-2.0
# Firefox's enterprise policy, which adds the module to the profiles of all users.

register_firefox() { add_to_policies /etc/firefox/policies/policies.json "$browser_library" "${firefox_distributions[@]}"; }

undo_firefox() {
    forget_in_profiles "${firefox_profiles[@]}"
    remove_from_policies /etc/firefox/policies/policies.json "$browser_library" "${firefox_distributions[@]}"
}

# Where Firefox looks for policies if there are none in /etc.
firefox_distributions=(/usr/lib/firefox-esr/distribution/policies.json /usr/lib/firefox/distribution/policies.json)
# Where users' profiles are, from their home folder.
firefox_profiles=(.mozilla/firefox .config/mozilla/firefox)
