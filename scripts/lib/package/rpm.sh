# SPDX-License-Identifier: Apache-2.0
# The same packages for RPM systems, whose programs look for PKCS#11 modules elsewhere.

# build_rpms: all of them, into $packages.
build_rpms() {
    stage_files "$work/stage" /usr/lib64/pkcs11
    quietly rpmbuild -bb "$project/packaging/rpm/cps-pkcs11.spec" \
        --define "_topdir $work/rpm" --define "_dbpath $work/rpm/db" --define "_rpmdir $work/rpms" \
        --define "_buildhost localhost" --define "_binary_payload w6.zstdio" \
        --define "stage $work/stage" --define "copyright $project/debian/copyright" \
        --define "release_version $version"
    install -m 644 "$work"/rpms/*/*.rpm "$packages"
}
