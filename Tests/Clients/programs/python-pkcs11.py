# SPDX-License-Identifier: Apache-2.0
"""python-pkcs11.py MODULE PIN FILE SIGNATURE: SHA256 with RSA by the signature key."""

import sys

import pkcs11

module, pin, file, target = sys.argv[1:]
token = next(iter(pkcs11.lib(module).get_tokens()))
print(token.label)
with token.open(user_pin=pin or None) as session:
    for certificate in session.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE}):
        print(certificate[pkcs11.Attribute.LABEL])
    key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label="CPS_PRIV_SIG")
    with open(file, "rb") as source:
        signature = key.sign(source.read(), mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS)
with open(target, "wb") as output:
    output.write(signature)
