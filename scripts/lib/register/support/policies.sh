# SPDX-License-Identifier: Apache-2.0
# The module in an enterprise policy of Mozilla's programs (SecurityDevices).
#
# A profile keeps a module whose policy has gone. So undoing takes it out of the
# profiles here; where that fails, the policy says Delete, until undone once more.

# add_to_policies FILE LIBRARY DISTRIBUTION...
add_to_policies() {
    needs_root
    needs_library "$2"
    plan add "$@"
    if cmp -s "$work/policies" "$1"; then nothing_to_do && return; fi
    if [ -n "$unasked" ] && [ -e "$1" ]; then
        say "$1 is there and stays as it is. To add the card: sudo cps register $client" \
            "$1 existe et reste tel quel. Pour y ajouter la carte : sudo cps register $client"
        return
    fi
    step "the policy \"$module_name\" into $1; restart $client" "la règle « $module_name » dans $1 ; redémarrez $client" \
        put_policies "$1"
}

put_policies() {
    if [ -e "$1" ] && [ ! -e "$(copy_before "$1")" ]; then cp --preserve "$1" "$(copy_before "$1")"; fi
    put "$work/policies" "$1" 644
}

# remove_from_policies FILE LIBRARY DISTRIBUTION...: $profiles_left from forget_in_profiles.
remove_from_policies() {
    local way=remove
    needs_root
    if [ -n "$profiles_left" ]; then
        way=delete
        say "Some profiles still have the module: each user starts $client once, then undo once more." \
            "Des profils ont encore le module : chaque utilisateur lance $client une fois, puis annulez à nouveau."
    fi
    plan "$way" "$@"
    if [ ! -e "$work/policies" ]; then
        if [ ! -e "$1" ]; then nothing_to_do && return; fi
        step "remove $1" "supprimer $1" remove_policies "$1"
    elif cmp -s "$work/policies" "$1"; then
        nothing_to_do
    else
        step "the policy \"$module_name\" out of $1; restart $client" "la règle « $module_name » hors de $1 ; redémarrez $client" \
            take_out "$1" "$way"
    fi
}

remove_policies() {
    rm -f "$(copy_before "$1")"
    remove "$1"
    rmdir --ignore-fail-on-non-empty "${1%/policies/*}" 2>/dev/null || true
}

take_out() {
    put "$work/policies" "$1" 644
    [ "$2" = delete ] || rm -f "$(copy_before "$1")"
}

# plan add|delete|remove FILE LIBRARY DISTRIBUTION...: what the file shall be, into
# $work/policies; no file if there shall be none.
plan() {
    local result=0
    rm -f "$work/policies"
    [ -x /usr/bin/python3 ] || give_up "Please install the package python3." "Installez le paquet python3."
    /usr/bin/python3 "$parts/support/policies.py" "$1" "$work/policies" "$(copy_before "$2")" "$module_name" "${@:2}" \
        2>"$work/policies.log" || result=$?
    [ "$result" -ne 3 ] ||
        give_up "$(cat "$work/policies.log"): no valid policies; it is left as it is." \
            "$(cat "$work/policies.log") : règles non valides ; le fichier reste tel quel."
    [ "$result" -eq 0 ] || { cat "$work/policies.log" >&2; exit 1; }
}

# add_to_profiles LIBRARY FOLDER...: below each home; by modutil, as the profile's owner.
add_to_profiles() {
    local profile library=$1
    needs_root
    shift
    while IFS= read -r profile; do
        if [ ! -e "$profile/cert9.db" ] || nss_has "$profile" "$library"; then continue; fi
        needs_program modutil libnss3-tools
        step "module \"$module_name\" into the profile $profile" "module « $module_name » dans le profil $profile" \
            add_to_profile "$profile" "$library"
    done < <(profiles "$@")
}

add_to_profile() {
    if nss_has "$1"; then as_owner "$1" modutil -dbdir "sql:$1" -force -delete "$module_name" >/dev/null 2>&1 || true; fi
    as_owner "$1" modutil -dbdir "sql:$1" -force -add "$module_name" -libfile "$2" >/dev/null 2>&1 ||
        say "modutil could not change $1." "modutil n'a pas pu modifier $1."
}

# forget_in_profiles FOLDER...: as add_to_profiles.
forget_in_profiles() {
    local profile
    needs_root
    profiles_left=
    while IFS= read -r profile; do
        nss_has "$profile" || continue
        step "module \"$module_name\" out of the profile $profile" "module « $module_name » hors du profil $profile" \
            forget_in_profile "$profile"
    done < <(profiles "$@")
}

# profiles FOLDER...: the folders in these folders of each home.
profiles() {
    local home folder profile
    while IFS= read -r home; do
        for folder in "$@"; do
            for profile in "$home/$folder"/*/; do
                [ ! -d "$profile" ] || printf '%s\n' "${profile%/}"
            done
        done
    done < <({ getent passwd | cut -d: -f6; echo "$HOME"; } | grep . | sort -u)
}

as_owner() { # PATH COMMAND...
    setpriv --reuid="$(stat --format=%u "$1")" --regid="$(stat --format=%g "$1")" --clear-groups "${@:2}"
}

forget_in_profile() {
    as_owner "$1" modutil -dbdir "sql:$1" -force -delete "$module_name" >/dev/null 2>&1 || true
    if nss_has "$1"; then profiles_left=1; fi
}
