# SPDX-License-Identifier: Apache-2.0
# What the packages consist of.

# write_sbom: beside the packages in $packages.
write_sbom() {
    local said swift
    said=$(swift --version 2>&1) || { echo "$said" >&2; return 1; }
    swift=$(sed -n 's/.*Swift version \([0-9.]*\).*/\1/p' <<<"$said")
    python3 "$project/scripts/lib/package/sbom.py" "$packages" "$project/Package.resolved" "$swift" \
        libcps-pkcs11="$library" cps="$cps" cps-virtual-card="$virtual_card" >"$packages/cps-pkcs11_$version.spdx.json"
}
