# SPDX-License-Identifier: Apache-2.0
# The Swift products, and the test hierarchy with the keys of the virtual cards.

library=${CPS_LIBRARY:-$project/.build/release/libcps-pkcs11.so}
cps=${CPS_COMMAND:-$project/.build/release/cps}
virtual_card=${CPS_VIRTUAL_CARD:-$project/.build/release/cps-virtual-card}
# Beside the command, which starts it; the library's package has it.
register=${CPS_REGISTER:-${cps%/*}/cps-register}
hierarchy=$project/.build/test-hierarchy

# swift_build OPTION...: uses the user's own cache; with another one, SwiftPM would link the
# user's home to $work. Leftovers in TMPDIR disappear with $work.
swift_build() {
    local cache=(--unset=XDG_CACHE_HOME)
    [ -z "$CPS_USERS_CACHE" ] || cache=("XDG_CACHE_HOME=$CPS_USERS_CACHE")
    quietly env "${cache[@]}" TMPDIR="$work" swift build --package-path "$project" "$@"
}

# build_product NAME: a release build of one product and what it needs.
build_product() {
    command -v swift >/dev/null ||
        give_up "Swift 6.3 or newer is missing: https://www.swift.org/install" \
            "Il manque Swift 6.3 ou plus récent : https://www.swift.org/install"
    install_for_swift
    say "Building $1..." "Compilation de $1..."
    # The Swift runtime goes into the commands, as it does into the library; and no
    # search path for libraries that the products do not need.
    swift_build --configuration release --static-swift-stdlib --disable-local-rpath \
        --explicit-target-dependency-import-check error --product "$1"
}

# The library and the virtual cards, which need no package but ArgumentParser. In stages of
# scripts/test they are built already.
build_library_and_card() {
    [ -z "${CPS_BUILT:-}" ] || return 0
    build_product cps-pkcs11 && build_product cps-virtual-card
}

build_all() {
    build_library_and_card && build_product cps-register && build_product cps
}

make_hierarchy() {
    CPS_VIRTUAL_CARD=$virtual_card in_group "$project/scripts/make-test-hierarchy" "$hierarchy"
}
