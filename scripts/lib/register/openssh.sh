# SPDX-License-Identifier: Apache-2.0
# ssh takes the card's authentication key, by a block at the end of ~/.ssh/config,
# where it is the default for hosts that are not told otherwise.

ssh_configuration=$HOME/.ssh/config
block_begins="# cps-pkcs11: begins (scripts/register)"
block_ends="# cps-pkcs11: ends"

register_openssh() {
    local before
    needs_library "$browser_library"
    without_block >"$work/before"
    before=$(stat --format=%s "$work/before")
    {
        cat "$work/before"
        # The mark remembers a last line without an end, and that there was no file.
        if [ ! -e "$ssh_configuration" ]; then
            echo "$block_begins, new file"
        elif grep -qxF "$block_begins, new file" "$ssh_configuration"; then
            echo "$block_begins, new file"
        elif [ "$before" -gt 0 ] && [ -n "$(tail -c 1 "$work/before")" ]; then
            printf '\n%s\n' "$block_begins, line ended"
        else
            echo "$block_begins"
        fi
        printf 'Host *\n    PKCS11Provider %s\n%s\n' "$browser_library" "$block_ends"
    } >"$work/after"
    if cmp -s "$work/after" "$ssh_configuration"; then nothing_to_do && return; fi
    folder_mode=700 step "PKCS11Provider into $ssh_configuration" "PKCS11Provider dans $ssh_configuration" \
        put "$work/after" "$ssh_configuration" 600
}

undo_openssh() {
    if ! grep -qF "$block_begins" "$ssh_configuration" 2>/dev/null; then nothing_to_do && return; fi
    without_block >"$work/before"
    if [ ! -s "$work/before" ] && grep -qxF "$block_begins, new file" "$ssh_configuration"; then
        step "remove $ssh_configuration" "supprimer $ssh_configuration" remove "$ssh_configuration"
    else
        step "PKCS11Provider out of $ssh_configuration" "PKCS11Provider hors de $ssh_configuration" \
            put "$work/before" "$ssh_configuration" 600
    fi
}

# without_block: the file as it was, byte for byte; a block without its end is not ours.
without_block() {
    [ -e "$ssh_configuration" ] || return 0
    /usr/bin/python3 - "$ssh_configuration" "$block_begins" "$block_ends" <<'PROGRAM'
import pathlib, re, sys
begins, ends = (re.escape(word.encode()) for word in sys.argv[2:])
content = pathlib.Path(sys.argv[1]).read_bytes()
content = re.sub(b"\n" + begins + b", line ended\n(?:.*\n)*?" + ends + b"\n", b"", content)
content = re.sub(b"(?m)^" + begins + b"(?:, new file)?\n(?:.*\n)*?" + ends + b"\n", b"", content)
sys.stdout.buffer.write(content)
PROGRAM
}
