# SPDX-License-Identifier: Apache-2.0
# Steps that change a file: each says what it does, and a dry run does no more.

# Where the library is for programs, and its copy for browsers, which shows them the
# authentication certificate only.
installed_folder=/usr/lib/$(uname -m)-linux-gnu/pkcs11
[ -d "${installed_folder%/pkcs11}" ] || installed_folder=/usr/lib64/pkcs11
full_library=$installed_folder/libcps-pkcs11.so
browser_library=$installed_folder/libcps-pkcs11-browser.so
module_name="Carte CPS"
own_folder=${XDG_CONFIG_HOME:-$HOME/.config}/cps-pkcs11

# step ENGLISH FRENCH COMMAND...: says it, and does it unless this is a dry run.
step() {
    local english=$1 french_text=$2
    shift 2
    if [ -n "$dry_run" ]; then
        say "Would do: $english" "À faire : $french_text"
    else
        "$@"
        say "Done: $english" "Fait : $french_text"
    fi
}

nothing_to_do() { say "$client: nothing to do." "$client : rien à faire."; }

needs_root() {
    [ -n "$dry_run" ] || [ "$(id -u)" -eq 0 ] ||
        give_up "Please run this as root: $client is set up for all users." \
            "À lancer en tant que root : $client se règle pour tous les utilisateurs."
}

# needs_library FILE: installed already; a dry run does not mind.
needs_library() {
    [ -n "$dry_run" ] || [ -r "$1" ] ||
        give_up "$1 is missing: first register \"library\", as root." \
            "$1 manque : enregistrez d'abord « library », en tant que root."
}

# refuse_packaged FILE: what a package has installed, its package manager changes.
refuse_packaged() {
    ! is_packaged "$1" ||
        give_up "$1 belongs to a package: install or remove that instead." \
            "$1 appartient à un paquet : c'est lui qu'il faut installer ou supprimer."
}

is_packaged() {
    if [ -x /usr/bin/dpkg-query ]; then
        dpkg-query --search "$1" >/dev/null 2>&1
    else
        rpm --query --file "$1" >/dev/null 2>&1
    fi
}

# needs_program NAME PACKAGE
needs_program() {
    command -v "$1" >/dev/null ||
        give_up "$1 is missing; please install the package $2." "$1 manque ; installez le paquet $2."
}

own_mark="# cps-pkcs11: scripts/register"

# write_own_file FILE MODE: a file that is ours as a whole, from stdin; its first
# line says so. Somebody else's file of this name is left alone.
write_own_file() {
    local file=$1 wanted=$work/wanted
    { echo "$own_mark"; cat; } >"$wanted"
    if [ -e "$file" ] && cmp -s "$wanted" "$file"; then nothing_to_do && return; fi
    refuse_foreign "$file"
    step "write $file" "écrire $file" put "$wanted" "$file" "$2"
}

remove_own_file() {
    if [ ! -e "$1" ]; then nothing_to_do && return; fi
    refuse_foreign "$1"
    refuse_packaged "$1"
    step "remove $1" "supprimer $1" remove "$1"
}

refuse_foreign() {
    [ ! -e "$1" ] || [ "$(head -n 1 "$1")" = "$own_mark" ] ||
        give_up "$1 was not written by this program, and is left as it is." \
            "$1 n'a pas été écrit par ce programme, et reste tel quel."
}

# put SOURCE FILE MODE: whole or not at all; missing folders are made. A file that is
# there keeps its mode and owner, and a link leads to the same file as before.
put() {
    local target folder new
    target=$(readlink -m -- "$2")
    folder=${target%/*}
    mkdir -p -m "${folder_mode:-755}" "$folder"
    new=$(mktemp "$folder/.cps-pkcs11.XXXXXX")
    cat "$1" >"$new"
    chmod "$3" "$new"
    if [ -e "$target" ]; then
        chmod --reference="$target" "$new"
        chown --reference="$target" "$new"
    fi
    mv -f "$new" "$target"
}

# remove FILE: and its folder, if nothing else is in that.
remove() {
    rm -f "$1"
    rmdir --ignore-fail-on-non-empty "$(dirname "$1")"
}

# Where a file is not ours as a whole, what it was before lies beside it until undone.
copy_before() { echo "$1.before-cps-pkcs11"; }
