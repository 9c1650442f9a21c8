# SPDX-License-Identifier: Apache-2.0
# A signed apt archive:
#
#   cps-pkcs11.asc                                the public key
#   dists/stable/InRelease                        signed; names the next by their checksums
#   dists/stable/main/binary-ARCHITECTURE/...     the lists of packages
#   pool/*.deb                                    every version that was added
#   sbom/*.spdx.json                              what each version consists of
#   SHA256SUMS, SHA256SUMS.asc                    of pool and sbom
#
# What apt reads by a name that stays the same is renamed into place, the signed file last. The lists
# can also be fetched by their checksums, so whoever began to read before goes on with what belongs together.

# publish FOLDER ARCHIVE KEY: adds the packages of the folder. KEY is one of the caller's GnuPG.
publish() {
    local folder=$1 archive=$2 key=$3 lock
    install_packages "${packages_to_publish[@]}"
    gpg --batch --list-secret-keys "$key" >/dev/null 2>&1 ||
        give_up "GnuPG has no secret key $key (--key)." "GnuPG n'a pas de clé secrète $key (--key)."
    mkdir -p "$archive"/{pool,sbom,dists/stable}
    exec {lock}<"$archive"
    flock "$lock"
    add_files "$archive/pool" "$folder"/*.deb
    add_files "$archive/sbom" "$folder"/*.spdx.json
    cd "$archive" || return
    write_lists
    write_release >"$work/Release"
    gpg --batch --local-user "$key" --armor --export "$key" | into cps-pkcs11.asc
    gpg --batch --local-user "$key" --armor --detach-sign --output - "$work/Release" | into dists/stable/Release.gpg
    into dists/stable/Release <"$work/Release"
    gpg --batch --local-user "$key" --clearsign --output - "$work/Release" | into dists/stable/InRelease
    find pool sbom -type f -print0 | LC_ALL=C sort --zero-terminated | xargs -0 sha256sum | into SHA256SUMS
    gpg --batch --local-user "$key" --armor --detach-sign --output - SHA256SUMS | into SHA256SUMS.asc
    exec {lock}<&-
}

# add_files FOLDER FILE...: a file that somebody may have fetched already does not change.
add_files() {
    local file target
    for file in "${@:2}"; do
        target=$1/${file##*/}
        if [ ! -e "$target" ]; then into "$target" <"$file"; fi
        cmp --quiet "$file" "$target" ||
            give_up "$target is another file of the same version: give the packages a new version." \
                "$target est un autre fichier de la même version : donnez une nouvelle version aux paquets."
    done
}

# into FILE: standard input, whole or not at all.
into() {
    cat >"$1.new"
    mv "$1.new" "$1"
}

architectures() { find pool -name '*.deb' | sed 's/.*_\(.*\)\.deb$/\1/' | { grep -vx all || true; } | sort -u; }

write_lists() {
    local architecture folder list
    for architecture in $(architectures); do
        folder=dists/stable/main/binary-$architecture
        mkdir -p "$folder/by-hash/SHA256"
        apt-ftparchive --arch "$architecture" packages pool >"$work/Packages"
        gzip --best --no-name --keep --force "$work/Packages"
        for list in Packages Packages.gz; do
            into "$folder/by-hash/SHA256/$(sha256sum <"$work/$list" | cut -d ' ' -f 1)" <"$work/$list"
            into "$folder/$list" <"$work/$list"
        done
    done
}

write_release() {
    local field options=(-o APT::FTPArchive::Release::Default-Patterns=false -o "APT::FTPArchive::Release::Patterns::=Packages*")
    for field in Origin=cps-pkcs11 Label=cps-pkcs11 Suite=stable Codename=stable Components=main \
        "Architectures=$(architectures | paste -sd ' ')" Acquire-By-Hash=yes; do
        options+=(-o "APT::FTPArchive::Release::$field")
    done
    apt-ftparchive "${options[@]}" release dists/stable
}
