# Small C programs (Tests/Integration/tools), compiled when a topic wants them.

# tool NAME: compiles tools/NAME.c to $work/NAME.
tool() {
    local headers
    headers=$(pkg-config --cflags p11-kit-1)
    # shellcheck disable=SC2086
    gcc -std=gnu17 -Wall -Wextra -Werror -O1 $headers -o "$work/$1" "$tests/tools/$1.c" -ldl ||
        give_up "tools/$1.c does not compile." "tools/$1.c ne se compile pas."
}
