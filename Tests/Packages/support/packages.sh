# SPDX-License-Identifier: Apache-2.0
# The packages, and a throwaway system to install them on.

# shellcheck source=/dev/null
. "$project/scripts/lib/private-layer.sh"
# shellcheck source=/dev/null
. "$project/scripts/lib/install.sh"

packages=$project/.build/packages
names=(libcps-pkcs11 cps cps-virtual-card cps-pkcs11-doc)
system_folders=(/usr /etc /var /opt /home /root)

# build_packages: unless they are newer than all that is in them. Another topic may be
# at it.
build_packages() {
    local lock
    mkdir -p "$packages"
    exec {lock}>"$packages/.lock"
    flock "$lock"
    build_older_packages
    exec {lock}>&-
}

build_older_packages() {
    if [ -e "$packages/.built" ] && [ -z "$(
        find "$project/debian" "$project/packaging" "$project/scripts" "$project/docs" "$project"/*.md \
            "$project/Sources/cps-virtual-card/Profiles" "$library" "$cps" "$virtual_card" -newer "$packages/.built" 2>/dev/null | head -n 1
    )" ]; then return; fi
    rm -f "$packages/.built"
    CPS_LIBRARY=$library CPS_COMMAND=$cps CPS_VIRTUAL_CARD=$virtual_card \
        in_group "$project/scripts/package" "$packages" >"$work/package.log" 2>&1 ||
        { cat "$work/package.log" >&2; give_up "The packages cannot be built." "Les paquets ne se construisent pas."; }
    touch "$packages/.built"
}

# deb NAME...: the files of these packages.
deb() {
    local name
    for name in "$@"; do echo "$packages/$name"_*.deb; done
}

# throwaway_system: what is installed from now on, nobody else sees; it begins without
# anything of ours, also on the machine of somebody who uses the library.
throwaway_system() {
    local folder
    for folder in "${system_folders[@]}"; do
        private_layer "$folder" || give_up "No private layer over $folder." "Pas de couche privée sur $folder."
    done
    # Images of small systems leave manual pages and documents out.
    sed -i '/^path-exclude/d' /etc/dpkg/dpkg.cfg /etc/dpkg/dpkg.cfg.d/* 2>/dev/null || true
    # man finds pages without its index, which takes seconds at each installation.
    rm -f /var/lib/man-db/auto-update
    purge_all || give_up "The packages cannot be purged." "Les paquets ne se purgent pas."
    "$register" --undo library p11-kit firefox official-path >/dev/null ||
        give_up "What is set up cannot be undone." "Ce qui est réglé ne se défait pas."
    changed_files >"$work/untouched"
}

purge_all() {
    local said
    said=$(dpkg --purge "${names[@]}" 2>&1) || { echo "$said"; return 1; }
}

# changed_files: what was written in the layers and is still there, or was deleted;
# the package manager's own lists, logs and caches left aside.
changed_files() {
    local folder layer
    for folder in "${system_folders[@]}"; do
        layer=$work/layer${folder//\//-}/upper
        find "$layer" ! -type d -printf "$folder/%P\n"
    done | { grep -vE '^/var/(lib/(dpkg|apt|man-db)|log|cache)/|^/etc/(dpkg/|ld\.so\.cache$)' || true; } | sort
}
