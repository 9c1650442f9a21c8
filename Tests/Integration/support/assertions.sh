# SPDX-License-Identifier: Apache-2.0
# What a test says about what it saw. Each prints why it fails.

equal() { # EXPECTED ACTUAL
    [ "$1" = "$2" ] && return
    printf 'expected: %s\n     got: %s\n' "$1" "$2"
    return 1
}

contains() { # FILE TEXT...: each text, literally
    local file=$1 text
    shift
    for text in "$@"; do
        grep -qF -- "$text" "$file" && continue
        printf 'missing: %s\nin:\n' "$text"
        cat "$file"
        return 1
    done
}

lacks() { # FILE TEXT...
    local file=$1 text
    shift
    for text in "$@"; do
        grep -qF -- "$text" "$file" || continue
        printf 'must not be there: %s\nin:\n' "$text"
        cat "$file"
        return 1
    done
}

# wait_for COMMAND...: until it succeeds. No bound of ours: half a minute is for the
# slowest machine.
wait_for() {
    local end=$((SECONDS + 30))
    until "$@"; do
        if [ "$SECONDS" -ge "$end" ]; then
            echo "not within 30 s: $*"
            return 1
        fi
        pause 0.02
    done
}

# refused CODE COMMAND...: the command fails, and names this CKR_ code.
refused() {
    local code=$1
    shift
    if "$@" >refused.log 2>&1; then
        cat refused.log
        echo "$code was expected, but it worked: $*"
        return 1
    fi
    grep -Eq "\\b$code\\b" refused.log && return
    cat refused.log
    echo "$code was expected"
    return 1
}

# any_code COMMAND...: the command fails with some CKR_ code, not with a crash.
any_code() { refused 'CKR_[A-Z_]*' "$@"; }

# ends_with STATUS COMMAND...: the command ends with this exit status. What it says
# is in the files out and err.
ends_with() {
    local expected=$1 status=0
    shift
    "$@" >out 2>err || status=$?
    [ "$status" = "$expected" ] && return
    cat out err
    echo "exit status $status in place of $expected: $*"
    return 1
}
