# SPDX-License-Identifier: Apache-2.0
# Installs Debian packages that are missing.

# What building needs: the C headers and libraries, and their pkg-config files.
# g++ brings the C++ library that Swift's runtime is linked with.
packages_to_build=(gcc g++ libc6-dev pkg-config libpcsclite-dev nettle-dev libgmp-dev libp11-kit-dev git)
# What building the command cps needs beyond that.
packages_to_build_cps=(libssl-dev)
# What a private pcscd with virtual readers needs, and the clients.
packages_to_run=(pcscd vsmartcard-vpcd opensc opensc-pkcs11 openssl mount util-linux xxd)
# What the tests need beyond that.
packages_to_test=(binutils procps libnss3-tools python3 p11-kit openssh-client gnutls-bin python3-jsonschema softhsm2
    shellcheck pyflakes3 spin faketime jq bubblewrap python3-venv poppler-utils)

# What scripts/package needs for an apt archive.
packages_to_publish=(apt-utils gpg gpg-agent)

# The programs of Tests/Clients, Tests/Browsers and Tests/Packages.
packages_of_clients=(nginx curl libengine-pkcs11-openssl stunnel4 gnutls-bin p11-kit p11-kit-modules openssh-client
    openssh-server default-jdk-headless libnss3-tools python3-venv poppler-utils apache2-bin git gpgsm gpg-agent gnupg-pkcs11-scd
    gcc libp11-kit-dev python3-lxml python3-cryptography xmlsec1)
# OpenSSL without engines. Debian 12 does not package it; asking apt for it would cost each run.
packages_of_provider=(nginx pkcs11-provider)
case $(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release 2>/dev/null) in
bookworm | jammy) ;;
*) packages_of_clients+=(pkcs11-provider) ;;
esac
packages_of_firefox=(firefox-esr)
packages_of_chromium=(chromium xvfb xdotool imagemagick)
packages_of_thunderbird=(thunderbird python3-aiosmtpd)
packages_of_sandbox=("${packages_of_firefox[@]}" bubblewrap)
packages_of_browsers=(python3 nginx-light openssl libnss3-tools bubblewrap
    "${packages_of_firefox[@]}" "${packages_of_chromium[@]}" "${packages_of_thunderbird[@]}")
packages_of_desktops=(gnome-settings-daemon dbus scdaemon)
packages_of_packages=(build-essential lintian debhelper dpkg-dev rpm cpio man-db sudo passwd gpgv
    "${packages_to_publish[@]}")

# install_packages NAME...: installs those that are missing, with apt-get.
install_packages() {
    local name missing=()
    for name in "$@"; do
        is_installed "$name" || missing+=("$name")
    done
    if [ ${#missing[@]} -eq 0 ]; then
        say "All $# packages are there." "Les $# paquets sont là."
        return
    fi
    command -v apt-get >/dev/null ||
        give_up "apt-get is missing; please install: ${missing[*]}" "apt-get manque ; installez : ${missing[*]}"
    [ "$(id -u)" -eq 0 ] ||
        give_up "Packages are missing and only root can install them: apt-get install ${missing[*]}" \
            "Des paquets manquent et seul root peut les installer : apt-get install ${missing[*]}"
    say "Installing ${missing[*]}" "Installation de ${missing[*]}"
    # Another run of ours may be installing.
    quietly flock /var/lib/apt/lists apt-get update
    quietly env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 install --yes --no-install-recommends \
        "${missing[@]}"
}

# install_what_there_is NAME...: the same, without packages that this system does not have.
# No service is started: the tests start what they need.
install_what_there_is() {
    local package
    forbid_services
    install_packages "$@" 2>/dev/null && return
    for package in "$@"; do install_packages "$package" || true; done
}

forbid_services() {
    local policy=/usr/sbin/policy-rc.d
    [ ! -e $policy ] || return 0
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
    at_exit rm -f $policy
}

# install_for_swift: the libraries that Swift's own programs load. A newer toolchain may need
# others, and a newer system may have other names for them: so the programs are asked.
install_for_swift() {
    local said
    for _ in 1 2 3 4 5; do
        if said=$(swift build --version 2>&1); then return; fi
        case $said in
        *libncurses.so.6:*) install_packages libncurses6 ;;
        *libcurl.so.4:*) install_packages libcurl4 ;;
        *libxml2.so.2:*) install_packages libxml2 ;;
        *libsqlite3.so.0:*) install_packages libsqlite3-0 ;;
        *) break ;;
        esac
    done
    give_up "Swift does not run here: $said" "Swift ne marche pas ici : $said"
}

is_installed() { [ "$(dpkg-query --show --showformat '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# quietly COMMAND...: shows the command's output only if it fails.
quietly() {
    local result=0 log
    log=$(mktemp "$work/log.XXXXXX")
    in_group "$@" >"$log" 2>&1 || result=$?
    [ "$result" -eq 0 ] || tail -n 60 "$log" >&2
    rm -f "$log"
    return "$result"
}
