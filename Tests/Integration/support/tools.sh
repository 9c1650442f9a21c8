# SPDX-License-Identifier: Apache-2.0
# Small C programs (Tests/Integration/tools), compiled when a topic wants them.

# tool NAME [OPTION...]: compiles tools/NAME.c to $work/NAME; options are gcc's,
# other files among them.
tool() {
    local name=$1 headers
    shift
    headers=$(pkg-config --cflags p11-kit-1)
    # shellcheck disable=SC2086
    gcc -std=gnu17 -Wall -Wextra -Werror -O1 $headers -o "$work/$name" "$tests/tools/$name.c" "$@" -ldl ||
        give_up "tools/$name.c does not compile." "tools/$name.c ne se compile pas."
}
