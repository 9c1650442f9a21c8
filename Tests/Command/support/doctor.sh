# SPDX-License-Identifier: Apache-2.0
# A computer with everything set up, as a folder, and what `cps doctor` says about it.

modules=/usr/lib/$(uname -m)-linux-gnu/pkcs11
full=$modules/libcps-pkcs11.so
browser=$modules/libcps-pkcs11-browser.so

# healthy_tree: a computer with everything set up, in the folder tree, the user's home
# included.
healthy_tree() {
    export HOME=/home/somebody
    unset XDG_CONFIG_HOME
    mkdir -p "tree$modules" tree/usr/sbin tree/usr/share/p11-kit/modules tree/usr/lib/firefox-esr \
        tree/etc/firefox/policies "tree$HOME/.pki/nssdb" tree/usr/bin tree/usr/lib/thunderbird tree/etc/thunderbird/policies
    ln -s "$library" "tree$full"
    cp "$library" "tree$browser"
    touch tree/usr/sbin/pcscd tree/usr/bin/chromium
    echo "module: $full" >tree/usr/share/p11-kit/modules/cps-pkcs11.module
    policy "$browser" >tree/etc/firefox/policies/policies.json
    policy "$full" >tree/etc/thunderbird/policies/policies.json
    printf 'library=\nname=NSS Internal\n\nlibrary=%s\nname=Carte CPS\n' "$browser" >"tree$HOME/.pki/nssdb/pkcs11.txt"
}

policy() { printf '{"policies": {"SecurityDevices": {"Add": {"Carte CPS": "%s"}}}}\n' "$1"; }

# doctor STATUS OPTION...: into the files out, and names for each finding's name.
doctor() {
    local expected=$1 status=0
    shift
    "$cps" doctor --root "$PWD/tree" "$@" >out 2>errors || status=$?
    cat out errors
    "$cps" doctor --root "$PWD/tree" --json "$@" >json || true
    /usr/bin/python3 - "$project/docs/schema/cps-doctor-1.json" <<'PROGRAM' >names
import json, sys
import jsonschema
report = json.load(open("json"))
jsonschema.Draft202012Validator(json.load(open(sys.argv[1]))).validate(report)
for finding in report["findings"]:
    assert finding["severity"] == "ok" or finding["remedy"], finding
    print(finding["severity"], finding["name"])
assert report["problems"] == sum(f["severity"] == "problem" for f in report["findings"])
PROGRAM
    equal "$expected" "$status"
}

# has FINDING...: "problem card.none" and the like.
has() { local finding; for finding in "$@"; do grep -qxF -- "$finding" names || { echo "missing: $finding"; cat names; return 1; }; done; }

# own_profile LIBRARY...: of Firefox, with these modules.
own_profile() {
    local folder=tree$HOME/.mozilla/firefox/abcd.default
    mkdir -p "$folder"
    printf 'library=%s\nname=One\n\n' "$@" >"$folder/pkcs11.txt"
}
