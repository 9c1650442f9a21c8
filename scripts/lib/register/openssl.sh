# SPDX-License-Identifier: Apache-2.0
# A configuration of OpenSSL with the engine of libp11, for the programs that are
# given it. It suits a CPS3, which cannot do RSA-PSS (docs/clients/tls-versions.md).

openssl_configuration=$own_folder/openssl.cnf

register_openssl() {
    needs_library "$full_library"
    write_own_file "$openssl_configuration" 644 <<FILE
openssl_conf = openssl_init

[openssl_init]
engines = engines
ssl_conf = ssl_configuration

[engines]
pkcs11 = pkcs11_engine

[pkcs11_engine]
engine_id = pkcs11
MODULE_PATH = $full_library
init = 0

[ssl_configuration]
system_default = all_programs

# For a CPS3. With a CPS4 these two lines only keep it from TLS 1.3.
[all_programs]
SignatureAlgorithms = RSA+SHA256:RSA+SHA384:RSA+SHA512
MaxProtocol = TLSv1.2
FILE
    say "Programs use it like this (Debian package libengine-pkcs11-openssl):" \
        "Les programmes s'en servent ainsi (paquet Debian libengine-pkcs11-openssl) :"
    cat <<WORDS
  export OPENSSL_CONF=$openssl_configuration
  curl --engine pkcs11 --cert-type ENG --cert "pkcs11:object=Certificat%20d%27Authentification%20CPS;type=cert" \\
       --key-type ENG --key "pkcs11:object=CPS_PRIV_AUT;type=private" https://...
  stunnel.conf: engine = pkcs11
                engineCtrl = MODULE_PATH:$full_library
                [...]
                engineNum = 1
                sessionResume = no
                config = SignatureAlgorithms:RSA+SHA256:RSA+SHA384:RSA+SHA512
                sslVersionMax = TLSv1.2
WORDS
}

undo_openssl() { remove_own_file "$openssl_configuration"; }
