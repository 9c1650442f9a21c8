# SPDX-License-Identifier: Apache-2.0
# pyHanko from PyPI, in a folder below .build that all topics share.

pyhanko=$project/.build/pyhanko

# install_pyhanko: false if it cannot be had; pip.log in the work folder says why. Another topic may be
# installing it.
install_pyhanko() {
    mkdir -p "$project/.build"
    (
        flock 9
        [ ! -e "$pyhanko/complete" ] || exit 0
        python3 -m venv "$pyhanko" &&
            timeout 300 "$pyhanko/bin/python3" -m pip install --quiet --disable-pip-version-check \
                pyhanko pyhanko-cli 'pyhanko[pkcs11]' >"$work/pip.log" 2>&1 && touch "$pyhanko/complete"
    ) 9>"$pyhanko.lock"
}
