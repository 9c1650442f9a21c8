# SPDX-License-Identifier: Apache-2.0
"""vihf.py MODULE REPORT ACTIVITY PATIENT: a SOAP request with a VIHF that the card has signed.

REPORT is the file that `cps info --pin --json` wrote, ACTIVITY the number of one of its activities, PATIENT
the INS. Asks for the PIN (one line, if standard input is no terminal). An example to be copied:
docs/clients/dmp.md explains it. Needs lxml and python-pkcs11.
"""

import base64
import datetime
import getpass
import hashlib
import json
import sys
import uuid

import pkcs11
from lxml import etree

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
DS = "http://www.w3.org/2000/09/xmldsig#"
HL7 = "urn:hl7-org:v3"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SOAP = "http://www.w3.org/2003/05/soap-envelope"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ROLE = "urn:oasis:names:tc:xacml:2.0:subject:role"
PURPOSE = {
    "code": "normal", "codeSystem": "1.2.250.1.213.1.1.4.248", "codeSystemName": "mode acces VIHF 2.0",
    "displayName": "Accès normal",
}  # fmt: skip
# What the maker of the software knows: its names and its number of homologation.
SOFTWARE = {"LPS_ID": "1", "LPS_Nom": "Example", "LPS_Version": "1.0", "LPS_ID_HOMOLOGATION_DMP": "0"}


def element(parent, namespace, name, text=None, **attributes):
    """Adds an element without white space, which would be signed too."""
    node = etree.SubElement(parent, f"{{{namespace}}}{name}", attributes)
    node.text = text
    return node


def coded(attribute, name, code):
    """A value of HL7 v3 in an AttributeValue of its own."""
    value = etree.SubElement(element(attribute, SAML, "AttributeValue"), f"{{{HL7}}}{name}", nsmap={None: HL7})
    value.set(f"{{{XSI}}}type", "CE")
    for key, content in code.items():
        value.set(key, content)


def assertion(fields, patient, software):
    """The VIHF without its signature. All that says who and where comes from the card."""
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    root = etree.Element(f"{{{SAML}}}Assertion", nsmap={"saml": SAML, "xsi": XSI})
    root.set("Version", "2.0")
    root.set("ID", f"VIHF-{uuid.uuid4()}")
    root.set("IssueInstant", now)
    issuer = element(root, SAML, "Issuer", fields["Issuer"])
    issuer.set("Format", "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName")
    element(element(root, SAML, "Subject"), SAML, "NameID", fields["NameID"])
    context = element(element(root, SAML, "AuthnStatement", AuthnInstant=now), SAML, "AuthnContext")
    element(context, SAML, "AuthnContextClassRef", "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI")
    statement = element(root, SAML, "AttributeStatement")
    texts = {
        "VIHF_Version": "3.0",
        "Identifiant_Structure": fields["Identifiant_Structure"],
        "Secteur_Activite": fields["Secteur_Activite"],
        "urn:oasis:names:tc:xspa:1.0:subject:subject-id": fields["urn:oasis:names:tc:xspa:1.0:subject:subject-id"],
        "urn:oasis:names:tc:xacml:2.0:resource:resource-id": f"{patient}^^^&1.2.250.1.213.1.4.8&ISO^NH",
        "Ressource_URN": "urn:dmp",
        **software,
    }
    for name, text in texts.items():
        element(element(statement, SAML, "Attribute", Name=name), SAML, "AttributeValue", text)
    purpose = element(statement, SAML, "Attribute", Name="urn:oasis:names:tc:xspa:1.0:subject:purposeofuse")
    coded(purpose, "PurposeOfUse", PURPOSE)
    roles = element(statement, SAML, "Attribute", Name=ROLE)
    for role in fields[ROLE]:
        coded(roles, "Role", role)
    return root


def canonical(node):
    return etree.tostring(node, method="c14n", exclusive=True, with_comments=False)


def sign(root, certificate, card_signs):
    """Adds an enveloped signature after Issuer, where the schema of SAML wants it."""
    digest = hashlib.sha256(canonical(root)).digest()
    signature = etree.Element(f"{{{DS}}}Signature", nsmap={"ds": DS})
    root.insert(1, signature)
    info = element(signature, DS, "SignedInfo")
    element(info, DS, "CanonicalizationMethod", Algorithm=EXCLUSIVE)
    element(info, DS, "SignatureMethod", Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256")
    reference = element(info, DS, "Reference", URI="#" + root.get("ID"))
    transforms = element(reference, DS, "Transforms")
    element(transforms, DS, "Transform", Algorithm=DS + "enveloped-signature")
    element(transforms, DS, "Transform", Algorithm=EXCLUSIVE)
    element(reference, DS, "DigestMethod", Algorithm="http://www.w3.org/2001/04/xmlenc#sha256")
    element(reference, DS, "DigestValue", base64.b64encode(digest).decode())
    value = card_signs(canonical(info))
    element(signature, DS, "SignatureValue", base64.b64encode(value).decode())
    data = element(element(signature, DS, "KeyInfo"), DS, "X509Data")
    element(data, DS, "X509Certificate", base64.b64encode(certificate).decode())


def request(root):
    """A SOAP 1.2 request with the VIHF in its header, and an empty body."""
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"s": SOAP})
    security = etree.SubElement(element(envelope, SOAP, "Header"), f"{{{WSSE}}}Security", nsmap={"wsse": WSSE})
    security.append(root)
    element(envelope, SOAP, "Body")
    return etree.tostring(envelope, encoding="UTF-8", xml_declaration=True)


def key_and_certificate(session, label="CPS_PRIV_SIG"):
    """The signature key; certificate and key have the same CKA_ID."""
    key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=label)
    certificates = session.get_objects(
        {pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE, pkcs11.Attribute.ID: key[pkcs11.Attribute.ID]}
    )
    return key, next(iter(certificates))[pkcs11.Attribute.VALUE]


def fields_of(report, number):
    """What the card says of one activity: never a structure of one with the sector of another."""
    with open(report, encoding="utf-8") as file:
        return next(one["vihf"] for one in json.load(file)["activities"] if one["number"] == int(number))


def main():
    module, report, number, patient = sys.argv[1:]
    root = assertion(fields_of(report, number), patient, SOFTWARE)
    pin = getpass.getpass("Code porteur : ") if sys.stdin.isatty() else sys.stdin.readline().strip()
    token = next(iter(pkcs11.lib(module).get_tokens(token_flags=pkcs11.TokenFlag.LOGIN_REQUIRED)))
    with token.open(user_pin=pin) as session:
        key, certificate = key_and_certificate(session)
        sign(root, certificate, lambda data: key.sign(data, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS))
    sys.stdout.buffer.write(request(root))


if __name__ == "__main__":
    main()
