# SPDX-License-Identifier: Apache-2.0
# p11-kit's module file: GnuTLS and all that uses p11-kit see the card.

module_file=/usr/share/p11-kit/modules/cps-pkcs11.module

register_p11-kit() {
    needs_root
    needs_library "$full_library"
    module_text | write_own_file "$module_file" 644
}

undo_p11-kit() {
    needs_root
    remove_own_file "$module_file"
}

# A package brings the same file.
module_text() {
    echo "module: $full_library"
    echo "priority: 10"
}
