# SPDX-License-Identifier: Apache-2.0
# A signed apt archive with two versions of the packages, and a system that takes them from there.

# The library and the command say something else in the next version.
library_says="CPS3 and CPS4 smart cards"
next_library_says="CPS4 and CPS3 smart cards"
command_says="Health professional cards: who"
next_command_says="Health professional CARDS: who"

archive=$project/.build/archive
sources=/etc/apt/sources.list.d/cps-pkcs11.sources
keyring=/etc/apt/keyrings/cps-pkcs11.asc

# make_archive: $archive, unless it is newer than the packages; after make_key. Another topic may be at it.
make_archive() {
    local lock
    mkdir -p "$packages"
    exec {lock}>"$packages/.lock"
    flock "$lock"
    build_older_packages
    if [ ! "$archive/.made" -nt "$packages/.built" ]; then
        make_new_archive >"$work/archive.log" 2>&1 ||
            { cat "$work/archive.log" >&2; give_up "The archive cannot be made." "L'archive ne se fabrique pas."; }
        touch "$archive/.made"
    fi
    exec {lock}>&-
}

make_new_archive() {
    rm -rf "$archive"
    mkdir "$work/next"
    changed "$library" "$library_says" "$next_library_says" &&
        changed "$cps" "$command_says" "$next_command_says" &&
        in_group "$project/scripts/package" --built --repository "$archive" --key "$key" "$packages" &&
        in_group env CPS_LIBRARY="$work/next/${library##*/}" CPS_COMMAND="$work/next/${cps##*/}" \
            CPS_REGISTER="$register" CPS_VIRTUAL_CARD="$virtual_card" DPKG_DEB_COMPRESSOR_TYPE=none \
            "$project/scripts/package" --repository "$archive" --key "$key" --version "$(cat "$project/VERSION")+next" \
            "$work/next-packages"
}

# make_key: a secret key that goes with $work.
make_key() {
    key="cps-pkcs11 tests"
    export GNUPGHOME=$work/gnupg
    mkdir -m 700 "$GNUPGHOME"
    at_exit gpgconf --homedir "$GNUPGHOME" --kill all
    gpg --batch --quiet --passphrase '' --quick-generate-key "$key" ed25519 sign never
}

# changed PRODUCT OLD NEW: a copy of the product that says something else, of the same length.
changed() {
    LC_ALL=C sed "s/$2/$3/" "$1" >"$work/next/${1##*/}"
    chmod 755 "$work/next/${1##*/}"
    ! cmp --quiet "$1" "$work/next/${1##*/}"
}

# use_archive: apt knows $archive, beside what it knew already. $older and $newer are its versions.
use_archive() {
    mkdir -p "${keyring%/*}"
    install -m 644 "$archive/cps-pkcs11.asc" "$keyring"
    printf '%s\n' "Types: deb" "URIs: file:$archive" "Suites: stable" "Components: main" "Signed-By: $keyring" >"$sources"
    older=$(cat "$project/VERSION") newer=$(cat "$project/VERSION")+next
    update_lists
}

forget_archive() { rm -f "$sources" "$keyring"; }

# update_lists: those of the archive alone.
update_lists() {
    apt-get -o Dir::Etc::sourcelist="$sources" -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0 \
        -o APT::Update::Error-Mode=any update >"$work/update.log" 2>&1
}

# apt_install VERSION: our packages, in this version.
apt_install() {
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends --allow-downgrades \
        libcps-pkcs11="$1" cps="$1" cps-virtual-card="$1" >"$work/apt.log" 2>&1 || { cat "$work/apt.log"; return 1; }
    equal "$1" "$(dpkg-query --show --showformat '${Version}' libcps-pkcs11)"
}

# is_version TEXT TEXT: what library and command say.
is_version() {
    # Without a card it has shown all the same, and fails.
    pkcs11-tool --module "$installed" --show-info >info 2>&1 || true
    contains info "$1"
    /usr/bin/cps --help >help
    contains help "$2"
}

is_older() { is_version "$library_says" "$command_says"; }
is_newer() { is_version "$next_library_says" "$next_command_says"; }

installs_from_archive() {
    apt_install "$older"
    is_older
    ldd "$installed" /usr/bin/cps /usr/bin/cps-virtual-card >needed
    lacks needed "not found"
}

upgrades() {
    DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends libcps-pkcs11 cps cps-virtual-card \
        >"$work/apt.log" 2>&1 || { cat "$work/apt.log"; return 1; }
    is_newer
}

downgrades() {
    apt_install "$older"
    is_older
}

leaves_nothing() {
    purge_all
    forget_archive
    changed_files >now
    diff "$work/untouched" now
}
