# SPDX-License-Identifier: Apache-2.0
# Builds for AddressSanitizer and ThreadSanitizer, each in a folder of its own, and the
# options of the sanitizers.

toolchain=$(cd "$(dirname "$(readlink -f "$(command -v swift)")")/../.." && pwd)
sanitizer_support=$project/Tests/Conformance/support

# sanitizer_options thread|address: sets $sanitizer_options, for swift build and swift
# test. A program in which a sanitizer finds something ends with 66.
sanitizer_options() {
    local name
    export TSAN_OPTIONS="suppressions=$sanitizer_support/thread-sanitizer.txt second_deadlock_stack=1 halt_on_error=0 exitcode=66"
    export ASAN_OPTIONS="detect_leaks=1 detect_stack_use_after_return=1 halt_on_error=1 exitcode=66"
    export LSAN_OPTIONS="suppressions=$sanitizer_support/leak-sanitizer.txt print_suppressions=0"
    sanitizer_options=(--sanitize "$1" --scratch-path "$project/.build-$1")
    [ "$1" = thread ] || return 0
    # Built elsewhere and copied: with a new path, everything would be linked again.
    "$toolchain/usr/bin/clang" -O1 -fPIC -c -o "$work/swift-runtime.o" "$sanitizer_support/swift-runtime.c"
    mkdir -p "$project/.build-thread"
    cp "$work/swift-runtime.o" "$project/.build-thread/"
    sanitizer_options+=(-Xlinker "$project/.build-thread/swift-runtime.o" -Xlinker --wrap=swift_once)
    for name in V9_lockSlowyys6UInt32VF V12_tryLockSlowSbyF V11_unlockSlowyyF; do
        sanitizer_options+=(-Xlinker "--wrap=\$s15Synchronization12_MutexHandle$name")
    done
}

# sanitizer_runtime thread|address: for LD_PRELOAD, in programs that are not built for
# the sanitizer.
sanitizer_runtime() {
    local swift=$toolchain/usr/lib/swift/linux
    case $1 in
    address) echo "$toolchain"/usr/lib/clang/*/lib/linux/libclang_rt.asan-x86_64.so ;;
    # It intercepts libdispatch, so it must find it.
    thread)
        echo "$toolchain"/usr/lib/clang/*/lib/linux/libclang_rt.tsan-x86_64.so \
            "$swift/libBlocksRuntime.so" "$swift/libdispatch.so"
        ;;
    esac
}
