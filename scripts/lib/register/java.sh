# SPDX-License-Identifier: Apache-2.0
# A configuration for SunPKCS11, which keytool and Java programs are given.

java_configuration=$own_folder/java.cfg

register_java() {
    needs_library "$full_library"
    write_own_file "$java_configuration" 644 <<FILE
name = CPS
library = $full_library
slotListIndex = 0
FILE
    say "Try it:" "Pour essayer :"
    echo "  keytool -list -storetype PKCS11 -providerClass sun.security.pkcs11.SunPKCS11 -providerArg $java_configuration"
}

undo_java() { remove_own_file "$java_configuration"; }
