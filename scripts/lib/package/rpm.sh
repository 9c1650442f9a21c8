# SPDX-License-Identifier: Apache-2.0
# The same packages for RPM systems, whose programs look for PKCS#11 modules elsewhere.

# build_rpm: all of them, into $packages.
build_rpm() {
    local full_library=/usr/lib64/pkcs11/libcps-pkcs11.so
    local browser_library=${full_library%.so}-browser.so file
    make_trees "$work/rpm-trees"
    quietly rpmbuild -bb "$project/packaging/rpm/cps-pkcs11.spec" \
        --define "_topdir $work/rpm" --define "_dbpath $work/rpm/db" --define "_rpmdir $work/rpms" \
        --define "_buildhost localhost" --define "_binary_payload w6.zstdio" \
        --define "trees $trees" --define "release_version $version"
    for file in "$work"/rpms/*/*.rpm; do install -m 644 "$file" "$packages"; done
}
