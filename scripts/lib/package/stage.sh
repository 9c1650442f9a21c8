# SPDX-License-Identifier: Apache-2.0
# What the packages install. debian/*.install and packaging/rpm/cps-pkcs11.spec say which package
# gets what; a file that none takes is an error of both builds.

# stage_files ROOT LIBRARIES: all files below ROOT.
stage_files() {
    root=$1
    full_library=$2/libcps-pkcs11.so
    stage_library
    stage_cps
    stage_virtual_card
    stage_documents
}

stage_library() {
    stripped "$library" "$full_library" 644
    # A copy, not a link: the file's own name tells the library what to show.
    stripped "$library" "${full_library%.so}-browser.so" 644
    stripped "$register" /usr/lib/cps-pkcs11/register 755
    # p11-kit's module file, as `cps register p11-kit` would write it.
    quietly "$register" --root "$root" p11-kit
}

stage_cps() {
    stripped "$cps" /usr/bin/cps 755
    # For all users, whatever language the builder speaks; bash reads it, and runs it not.
    local -x LC_ALL=C.UTF-8
    "$cps" --generate-completion-script bash | sed '1{/^#!/d}' | place - /usr/share/bash-completion/completions/cps 644
    "$cps" --generate-completion-script zsh | place - /usr/share/zsh/vendor-completions/_cps 644
    "$cps" --generate-completion-script fish | place - /usr/share/fish/vendor_completions.d/cps.fish 644
    manual cps
    place "$project/scripts/lib/prepare-pdf.py" /usr/share/cps/prepare-pdf.py
}

stage_virtual_card() {
    local profile
    stripped "$virtual_card" /usr/bin/cps-virtual-card 755
    manual cps-virtual-card
    place "$project/scripts/make-test-hierarchy" /usr/share/cps-virtual-card/make-test-hierarchy
    place "$project/scripts/with-virtual-cards" /usr/share/cps-virtual-card/with-virtual-cards
    for profile in "$project"/Sources/cps-virtual-card/Profiles/*.json; do
        place "$profile" "/usr/share/cps-virtual-card/profiles/${profile##*/}"
    done
}

stage_documents() {
    local page
    for page in README CHANGELOG CONTRIBUTING SECURITY; do
        place "$project/$page.md" "/usr/share/doc/cps-pkcs11-doc/$page.md"
    done
    while IFS= read -r page; do
        place "$page" "/usr/share/doc/cps-pkcs11-doc/${page#"$project/"}"
    done < <(find "$project/docs/" -type f \( -name '*.md' -o -name '*.json' \))
}

# place SOURCE|- TARGET [MODE]: with the source's mode if none is given.
place() {
    local file=$root$2 mode=${3:-}
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
    place "$project/packaging/man/$1.1" "/usr/share/man/man1/$1.1" 644
    place "$project/packaging/man/$1.fr.1" "/usr/share/man/fr/man1/$1.1" 644
}
