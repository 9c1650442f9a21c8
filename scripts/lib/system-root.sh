# SPDX-License-Identifier: Apache-2.0
# Another release of Debian, in a folder: made by debootstrap, with this machine's Swift
# toolchain and this source tree inside. scripts/test --system NAME runs itself there.
#
# Everything for a release is in .build-NAME, and stays for the next run:
#
#   root      the system
#   packages  the files that apt fetched
#   build     .build inside, in place of the machine's own; and others
#   hand-over an apt archive of packages built on this machine (only if it is an older release)

# run_in_system NAME COMMAND...: runs a command of this tree in a system of this name. Its
# counts are the counts of this stage.
run_in_system() {
    local system=$1 folder=$project/.build-$1 result=0
    shift
    case $system in
    trixie | sid) ;;
    *) give_up "There is no system $system; there are trixie and sid." "Pas de système $system ; il y a trixie et sid." ;;
    esac
    [ -n "${SWIFT_TOOLCHAIN:-}" ] || find_toolchain
    mkdir -p "$folder"
    # One run at a time.
    exec {system_lock}>"$folder/lock"
    flock "$system_lock"
    make_root "$system" "$folder" || return 1
    hand_over "$folder" || return 1
    rm -f "$folder/counts"
    # The shell that mounts is a child: its mounts end with it.
    in_group unshare --mount --propagation private -- "$BASH" -c '
        set -euo pipefail
        . "$1/scripts/lib/system-root.sh"
        project=$1
        enter_root "${@:2}"' enter "$project" "$folder" "$SWIFT_TOOLCHAIN" "$@" || result=$?
    if [ -n "${CPS_TEST_COUNTS:-}" ] && [ -s "$folder/counts" ]; then cp "$folder/counts" "$CPS_TEST_COUNTS"; fi
    return "$result"
}

# find_toolchain: the folder with bin/swift and lib/swift, wherever the machine has it.
find_toolchain() {
    SWIFT_TOOLCHAIN=$(swift -print-target-info | sed -n 's|.*"runtimeResourcePath": "\(.*\)/lib/swift".*|\1|p')
    [ -x "$SWIFT_TOOLCHAIN/bin/swift" ] && [ "$SWIFT_TOOLCHAIN" != /usr ] ||
        give_up "The Swift toolchain is not in a folder of its own, which the other system could be given." \
            "Les outils Swift ne sont pas dans un dossier à eux, qu'on pourrait donner à l'autre système."
}

# hand_over FOLDER: an archive of packages of the products built here, for a system that is not older
# than this one.
hand_over() {
    local folder=$1 own other
    rm -rf "$folder/hand-over"
    [ -r "$library" ] && [ -x "$cps" ] && [ -x "$virtual_card" ] || return 0
    own=$(getconf GNU_LIBC_VERSION)
    other=$(dpkg-query --admindir="$folder/root/var/lib/dpkg" --show --showformat '${Version}' libc6)
    dpkg --compare-versions "${own##* }" le "$other" || return 0
    CPS_LIBRARY=$library CPS_COMMAND=$cps CPS_VIRTUAL_CARD=$virtual_card \
        quietly "$project/Tests/Packages/support/make-archive" "$folder/hand-over"
}

# make_root SYSTEM FOLDER: unless it is there.
make_root() {
    local system=$1 folder=$2 mirror
    [ ! -e "$folder/made" ] || return 0
    say "Making a system: $system" "Fabrication d'un système : $system"
    install_packages debootstrap || return 1
    rm -rf "$folder/root" "$folder/build"
    mkdir -p "$folder/packages" "$folder/root/var/cache/apt/archives"
    mirror=$(debian_mirror)
    # shellcheck disable=SC2086
    quietly debootstrap --variant=minbase --cache-dir="$folder/packages" "$system" "$folder/root" $mirror || return 1
    # It need not survive a power cut.
    echo force-unsafe-io >"$folder/root/etc/dpkg/dpkg.cfg.d/unsafe-io"
    # Services are started by the tests alone.
    printf '#!/bin/sh\nexit 101\n' >"$folder/root/usr/sbin/policy-rc.d"
    chmod 755 "$folder/root/usr/sbin/policy-rc.d"
    touch "$folder/made"
}

# debian_mirror: the mirror of this machine's apt; nothing if the machine is no Debian, as
# debootstrap knows an address itself.
debian_mirror() {
    apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        sed -n '/^Debian /{s///p;q}'
}

# enter_root FOLDER TOOLCHAIN COMMAND...: in a mount namespace of its own already. The
# root becomes that of the process, where chroot would deny Chromium its sandbox.
enter_root() {
    local folder=$1 toolchain=$2 root=$1/root place handed_over=
    shift 2
    [ ! -d "$folder/hand-over" ] || handed_over=$folder/hand-over
    mount --bind "$root" "$root"
    mount --rbind /proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount --rbind /sys "$root/sys"
    mount -t tmpfs -o mode=755 tmpfs "$root/run"
    for place in /etc/resolv.conf /etc/hosts; do
        [ ! -e $place ] || cp --dereference --remove-destination $place "$root$place"
    done
    show_inside "$root" "$folder/packages" /var/cache/apt/archives
    show_inside "$root" "$toolchain" "$toolchain"
    # The tree, and what git needs of it.
    show_inside "$root" "$project" "$project"
    place=$(cd "$project" && realpath "$(git rev-parse --git-common-dir)")
    case $place in "$project"/*) ;; *) show_inside "$root" "$place" "$place" ;; esac
    for place in .build .build-fuzz .build-faults .build-thread .build-address; do
        mkdir -p "$folder/${place#.}"
        show_inside "$root" "$folder/${place#.}" "$project/$place"
    done
    configure_git "$root"
    mkdir -p "$root/.old"
    cd "$root" || return 1
    pivot_root . .old
    umount --lazy /.old
    cd "$project" || return 1
    exec env --ignore-environment HOME=/root TERM="${TERM:-dumb}" LANG="${LANG:-C.UTF-8}" LC_ALL="${LC_ALL:-}" \
        PATH="$toolchain/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" TMPDIR=/tmp \
        http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" no_proxy="${no_proxy:-}" \
        CPS_OWN_NAMESPACE=1 CPS_TEST_COUNTS="$folder/counts" CPS_HANDED_OVER="$handed_over" CPS_SYSTEM=1 \
        CPS_TEST_LANE="${CPS_TEST_LANE:-}" "$@"
}

# show_inside ROOT FROM TO: mounts a folder of the machine into the root.
show_inside() {
    mkdir -p "$1$3"
    mount --bind "$2" "$1$3"
}

# configure_git ROOT: the user's name for commits, and the user's replacements of
# addresses. Replacements that are folders of this machine are mounted inside.
configure_git() {
    local root=$1 key value place
    rm -f "$root/root/.gitconfig"
    git config --file "$root/root/.gitconfig" safe.directory '*'
    while IFS= read -r -d '' key; do
        value=${key#*$'\n'}
        key=${key%%$'\n'*}
        git config --file "$root/root/.gitconfig" --add "$key" "$value"
        place=${key#url.}
        place=${place%.insteadof}
        case $place in
        /*) [ ! -d "$place" ] || mountpoint --quiet "$root${place%/}" || show_inside "$root" "$place" "${place%/}" ;;
        esac
    done < <(cd "$project" && git config --null --get-regexp '^(url\..*\.insteadof|user\.(name|email))$')
}
