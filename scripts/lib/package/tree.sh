# SPDX-License-Identifier: Apache-2.0
# What each package installs, as a folder tree: $trees/NAME/usr/...

package_names=(libcps-pkcs11 cps cps-virtual-card cps-pkcs11-doc)
packages_to_package=(dpkg-dev binutils)

# make_trees FOLDER
make_trees() {
    local name
    trees=$1
    for name in "${package_names[@]}"; do
        tree=$trees/$name
        mkdir -p "$tree"
        "tree_of_$name"
        place "$project/packaging/debian/copyright" "/usr/share/doc/$name/copyright" 644
    done
    # One time for all that has none of its own.
    find "$trees" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
}

tree_of_libcps-pkcs11() {
    local file
    # Where scripts/register tells programs that the library is.
    stripped "$library" "$full_library" 644
    # A copy, not a link: the file's own name tells the library what to show.
    stripped "$library" "$browser_library" 644
    { echo "$own_mark" && module_text; } | place - "$module_file" 644
    for file in register lib/language.sh lib/cleanup.sh; do
        place "$project/scripts/$file" "/usr/share/cps-pkcs11/scripts/$file"
    done
    while IFS= read -r file; do
        place "$file" "/usr/share/cps-pkcs11/${file#"$project/"}"
    done < <(find "$project/scripts/lib/register" -type f -name '*.*' ! -path '*__pycache__*')
}

tree_of_cps() {
    stripped "$cps" /usr/bin/cps 755
    # For all users, whatever language the builder speaks; bash reads it, and runs it not.
    local -x LC_ALL=C.UTF-8
    "$cps" --generate-completion-script bash | sed '1{/^#!/d}' | place - /usr/share/bash-completion/completions/cps 644
    "$cps" --generate-completion-script zsh | place - /usr/share/zsh/vendor-completions/_cps 644
    "$cps" --generate-completion-script fish | place - /usr/share/fish/vendor_completions.d/cps.fish 644
    manual cps
}

tree_of_cps-virtual-card() {
    local profile
    stripped "$virtual_card" /usr/bin/cps-virtual-card 755
    manual cps-virtual-card
    place "$project/scripts/make-test-hierarchy" /usr/share/cps-virtual-card/make-test-hierarchy
    place "$project/scripts/with-virtual-cards" /usr/share/cps-virtual-card/with-virtual-cards
    for profile in "$project"/Sources/cps-virtual-card/Profiles/*.json; do
        place "$profile" "/usr/share/cps-virtual-card/profiles/${profile##*/}"
    done
}

tree_of_cps-pkcs11-doc() {
    local page
    for page in README CHANGELOG CONTRIBUTING SECURITY; do
        place "$project/$page.md" "/usr/share/doc/cps-pkcs11-doc/$page.md"
    done
    while IFS= read -r page; do
        place "$page" "/usr/share/doc/cps-pkcs11-doc/${page#"$project/"}"
    done < <(find "$project/docs" -type f \( -name '*.md' -o -name '*.json' \))
}

# place SOURCE|- TARGET [MODE]: into the tree; with the source's mode if none is given.
place() {
    local file=$tree$2 mode=${3:-}
    mkdir -p "${file%/*}"
    if [ "$1" = - ]; then cat >"$file"; else cat "$1" >"$file"; fi
    if [ -z "$mode" ]; then if [ -x "$1" ]; then mode=755; else mode=644; fi; fi
    chmod "$mode" "$file"
}

# stripped SOURCE TARGET MODE: without what only a debugger wants.
stripped() {
    strip --strip-unneeded --remove-section=.comment --remove-section=.note -o "$work/stripped" "$1"
    place "$work/stripped" "$2" "$3"
}

# manual NAME: in both languages.
manual() {
    gzip -9n <"$project/packaging/man/$1.1" | place - "/usr/share/man/man1/$1.1.gz" 644
    gzip -9n <"$project/packaging/man/$1.fr.1" | place - "/usr/share/man/fr/man1/$1.1.gz" 644
}
