# SPDX-License-Identifier: Apache-2.0
# Private versions of the system's folders, in the script's own mount namespace.

# private_layer FOLDER: what is written there from now on is invisible to everybody else.
# The layer stays until the namespace ends; otherwise a program that outlives the script
# would write to the system itself.
private_layer() {
    local layer=$work/layer${1//\//-}
    mkdir -p "$layer" "$1"
    mount -t tmpfs -o mode=755 tmpfs "$layer"
    mkdir "$layer/upper" "$layer/work"
    mount -t overlay overlay -o "lowerdir=$1,upperdir=$layer/upper,workdir=$layer/work" "$1"
    at_exit umount --lazy "$layer"
}

# hidden FOLDER: makes the folder look empty from now on.
hidden() {
    [ -d "$1" ] || return 0
    mount -t tmpfs -o mode=755 tmpfs "$1"
    at_exit umount --lazy "$1"
}
