#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The French section of the README, followed to the letter: from the .deb files to a
# Firefox that is logged in, and back. A person without rights types its blocks; sudo
# is the real one (readme.py).
. "$(dirname "${BASH_SOURCE[0]}")/../Integration/support/harness.sh"
for part in Packages/support/packages Clients/server Browsers/support/drive; do
    # shellcheck source=/dev/null
    . "$project/Tests/$part.sh"
done

# A person who may use sudo, on a system where apt-get takes yes for an answer.
make_person() {
    useradd --no-create-home --shell /bin/bash cabinet
    echo "cabinet ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/cabinet
    chmod 440 /etc/sudoers.d/cabinet
    echo 'APT::Get::Assume-Yes "true";' >/etc/apt/apt.conf.d/90yes
}

install_packages "${packages_of_packages[@]}" firefox-esr chromium thunderbird nginx-light libnss3-tools python3 >/dev/null || exit 1
build_packages
throwaway_system
make_person
start_pcscd
start_server
output=$project/.build/browsers
mkdir -p "$output"
export PACKAGES_FOLDER=$packages
drive "$project/Tests/Packages/readme.py"
