# SPDX-License-Identifier: Apache-2.0
"""pykcs11.py MODULE PIN FILE SIGNATURE: SHA256 with RSA by the signature key."""

import sys

import PyKCS11

module, pin, file, target = sys.argv[1:]
library = PyKCS11.PyKCS11Lib()
library.load(module)
slot = library.getSlotList(tokenPresent=True)[0]
print(library.getTokenInfo(slot).label.strip())
session = library.openSession(slot)
for certificate in session.findObjects([(PyKCS11.CKA_CLASS, PyKCS11.CKO_CERTIFICATE)]):
    print(session.getAttributeValue(certificate, [PyKCS11.CKA_LABEL])[0])
if pin:
    session.login(pin)
key = session.findObjects([(PyKCS11.CKA_CLASS, PyKCS11.CKO_PRIVATE_KEY), (PyKCS11.CKA_LABEL, "CPS_PRIV_SIG")])[0]
with open(file, "rb") as source:
    signature = session.sign(key, source.read(), PyKCS11.Mechanism(PyKCS11.CKM_SHA256_RSA_PKCS))
with open(target, "wb") as output:
    output.write(bytes(signature))
session.logout()
session.closeSession()
