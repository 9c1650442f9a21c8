# SPDX-License-Identifier: Apache-2.0
# Debian packages, by name, and only those that are missing.

# What building needs: the C headers and libraries, and their pkg-config files.
packages_to_build=(gcc libc6-dev pkg-config libpcsclite-dev nettle-dev libgmp-dev libp11-kit-dev git)
# What building the command cps needs beyond that.
packages_to_build_cps=(libssl-dev)
# What a private pcscd with virtual readers needs, and the clients.
packages_to_run=(pcscd vsmartcard-vpcd opensc opensc-pkcs11 openssl mount util-linux xxd)
# What the tests need beyond that.
packages_to_test=(binutils procps libnss3-tools python3 p11-kit openssh-client gnutls-bin python3-jsonschema softhsm2
    shellcheck)

# install_packages NAME...: with apt-get, if something is missing.
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
    quietly apt-get update
    quietly env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}"
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
