# SPDX-License-Identifier: Apache-2.0
# Folders of the system that a script may write to, in a mount namespace of its own.

# private_layer FOLDER: what is written there from now on, nobody else sees. The layer
# stays until the namespace ends: a program that outlives the script would otherwise
# write to the system itself.
private_layer() {
    local layer=$work/layer${1//\//-}
    mkdir -p "$layer" "$1"
    mount -t tmpfs -o mode=755 tmpfs "$layer"
    mkdir "$layer/upper" "$layer/work"
    mount -t overlay overlay -o "lowerdir=$1,upperdir=$layer/upper,workdir=$layer/work" "$1"
    at_exit umount --lazy "$layer"
}

# hidden FOLDER: what is there, nobody sees from now on.
hidden() {
    [ -d "$1" ] || return 0
    mount -t tmpfs -o mode=755 tmpfs "$1"
    at_exit umount --lazy "$1"
}
