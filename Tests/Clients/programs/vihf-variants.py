# SPDX-License-Identifier: Apache-2.0
"""vihf-variants.py MODULE REPORT ACTIVITY ADDRESS: sends the service what is wrong with a VIHF, one mistake each.

Uses the card's keys in one login; the PIN is a line of standard input. Prints a line for each variant, as
in the table of docs/clients/dmp.md, and fails if the service takes one or names another rule.
"""

import copy
import hashlib
import subprocess
import sys
import urllib.error
import urllib.request
from xml.sax.saxutils import unescape

import pkcs11
import vihf
from lxml import etree

PATIENT = "279035121518989"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"


class Card:
    def __init__(self, session):
        self.key, self.certificate = vihf.key_and_certificate(session)
        self.authentication_key, self.authentication_certificate = vihf.key_and_certificate(session, "CPS_PRIV_AUT")

    def sign(self, data):
        return self.key.sign(data, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS)

    def authenticate(self, data):
        return self.authentication_key.sign(data, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS)

    def sign_sha1(self, data):
        return self.key.sign(data, mechanism=pkcs11.Mechanism.SHA1_RSA_PKCS)

    def sign_sha512(self, data):
        return self.key.sign(data, mechanism=pkcs11.Mechanism.SHA512_RSA_PKCS)


def of_another(data):
    """A key and a certificate that anybody can make, with the holder's name."""
    return subprocess.run(
        ["openssl", "dgst", "-sha256", "-sign", "another.key"], input=data, capture_output=True, check=True
    ).stdout


def make_another():
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "another.key", "-outform", "DER"]
        + ["-out", "another.der", "-utf8", "-addext", "keyUsage=digitalSignature,nonRepudiation", "-subj"]
        + ["/C=FR/title=Médecin/GN=TEST+SN=DOC0073574+CN=899700735741"],
        check=True, capture_output=True,
    )  # fmt: skip
    with open("another.der", "rb") as file:
        return file.read()


def variants(card, fields, other):
    """Name, the rule that it breaks, and a function that makes the request."""

    def changed(change=lambda root: None, card_signs=card.sign, certificate=card.certificate, after=None, **new):
        root = vihf.assertion({**fields, **new}, PATIENT, vihf.SOFTWARE)
        change(root)
        vihf.sign(root, certificate, card_signs)
        if after:
            after(root)
        return vihf.request(root)

    roles = fields[vihf.ROLE]

    def one_value(root):
        first, second = root.findall(f".//{{{vihf.HL7}}}Role")
        first.getparent().append(second)
        for value in [value for value in root.iter(f"{{{vihf.SAML}}}AttributeValue") if not len(value) and not value.text]:
            value.getparent().remove(value)

    def attribute(root, name):
        return root.find(f".//{{{vihf.SAML}}}Attribute[@Name='{name}']/{{{vihf.SAML}}}AttributeValue")

    def without_authority(root):
        attribute(root, "urn:oasis:names:tc:xacml:2.0:resource:resource-id").text = PATIENT

    def plain_roles(root):
        for role in root.iter(f"{{{vihf.HL7}}}Role"):
            del role.attrib[f"{{{vihf.XSI}}}type"]

    def long_ago(root):
        root.set("IssueInstant", "2020-01-01T00:00:00Z")

    def signature_last(root):
        root.append(root[1])

    def indented(root):
        etree.indent(root)

    def altered(root):
        attribute(root, "Identifiant_Structure").text = other["Identifiant_Structure"]

    def method(path, algorithm, again=None):
        """Names another algorithm, and signs again with the SignedInfo that says so."""

        def change(root):
            signature = root[1]
            info = signature[0]
            info.find(path).set("Algorithm", algorithm)
            if again:
                signature.find(f"{{{vihf.DS}}}SignatureValue").text = vihf.base64.b64encode(
                    again(vihf.canonical(info))
                ).decode()

        return change

    def sha1_digest(root):
        signature = root[1]
        root.remove(signature)
        digest = hashlib.sha1(vihf.canonical(root)).digest()
        root.insert(1, signature)
        signature.find(f".//{{{vihf.DS}}}DigestValue").text = vihf.base64.b64encode(digest).decode()
        method(f".//{{{vihf.DS}}}DigestMethod", "http://www.w3.org/2000/09/xmldsig#sha1", card.sign)(root)

    def twice():
        request = changed()
        assert sent(request).startswith("accepted"), "the first time"
        return request

    def wrapped():
        """The signed assertion is hidden in the body, and a forged one stands in its place."""
        envelope = etree.fromstring(changed())
        signed = envelope.find(f".//{{{vihf.SAML}}}Assertion")
        forged = copy.deepcopy(signed)
        attribute(forged, "Identifiant_Structure").text = other["Identifiant_Structure"]
        signed.getparent().replace(signed, forged)
        envelope[-1].append(signed)
        return etree.tostring(envelope)

    ds, base = f"{{{vihf.DS}}}", "http://www.w3.org/2000/09/xmldsig#"
    with_inclusive = method(f"{ds}CanonicalizationMethod", INCLUSIVE, card.sign)
    with_inclusive_transform = method(f"{ds}Reference/{ds}Transforms/{ds}Transform[2]", INCLUSIVE, card.sign)
    with_sha1 = method(f"{ds}SignatureMethod", base + "rsa-sha1", card.sign_sha1)
    with_sha512 = method(
        f"{ds}SignatureMethod", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", card.sign_sha512
    )
    authentication = {"card_signs": card.authenticate, "certificate": card.authentication_certificate}
    another = make_another()
    return [
        ("signed with the authentication key", "certificate-use", lambda: changed(**authentication)),
        (
            "authentication certificate, signature key",
            "signature-value",
            lambda: changed(certificate=card.authentication_certificate),
        ),
        ("signed by a certificate of unknown origin", "chain", lambda: changed(card_signs=of_another, certificate=another)),
        ("structure that is not the card's", "structure", lambda: changed(Identifiant_Structure="10B0000000")),
        (
            "structure without its kind",
            "structure",
            lambda: changed(Identifiant_Structure=fields["Identifiant_Structure"][1:]),
        ),
        ("sector of another activity", "sector", lambda: changed(Secteur_Activite=other["Secteur_Activite"])),
        (
            "sector without its table",
            "sector",
            lambda: changed(Secteur_Activite=fields["Secteur_Activite"].partition("^")[0]),
        ),
        ("doctor without speciality", "role", lambda: changed(**{vihf.ROLE: roles[:1]})),
        ("speciality before profession", "role", lambda: changed(**{vihf.ROLE: roles[::-1]})),
        ("both roles in one AttributeValue", "role", lambda: changed(one_value)),
        ("roles without xsi:type", "role", lambda: changed(plain_roles)),
        ("RPPS number without its kind", "subject", lambda: changed(NameID=fields["NameID"][1:])),
        (
            "issuer in the certificate's order",
            "issuer",
            lambda: changed(Issuer=",".join(reversed(fields["Issuer"].split(",")))),
        ),
        ("INS without its authority", "resource", lambda: changed(without_authority)),
        ("inclusive C14N of SignedInfo", "canonicalization", lambda: changed(after=with_inclusive)),
        ("inclusive C14N of the assertion", "canonicalization", lambda: changed(after=with_inclusive_transform)),
        ("RSA-SHA1", "algorithm", lambda: changed(after=with_sha1)),
        ("SHA-1 of the assertion", "algorithm", lambda: changed(after=sha1_digest)),
        ("RSA-SHA512", "the card", lambda: changed(after=with_sha512)),
        ("signature at the end of the assertion", "signature", lambda: changed(after=signature_last)),
        ("assertion indented after signing", "digest", lambda: changed(after=indented)),
        ("structure changed after signing", "digest", lambda: changed(after=altered)),
        ("signed assertion in the body, forged one in the header", "envelope", wrapped),
        ("issued long ago", "time", lambda: changed(long_ago)),
        ("sent twice", "replay", twice),
    ]


def sent(request, address=sys.argv[4]):
    """`accepted`, or the rule that the service names."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, request), timeout=10) as answer:
            return "accepted" if b"<accepted>" in answer.read() else "?"
    except urllib.error.HTTPError as error:
        text = etree.fromstring(error.read()).findtext(f".//{{{vihf.SOAP}}}Text")
        return unescape(text).partition(":")[0]


def main():
    module, report, number, _ = sys.argv[1:]
    fields = vihf.fields_of(report, number)
    with open(report, encoding="utf-8") as file:
        others = [one["vihf"] for one in vihf.json.load(file)["activities"]]
    other = next(one for one in others if one["Secteur_Activite"] != fields["Secteur_Activite"])
    wrong = 0
    with next(iter(pkcs11.lib(module).get_tokens())).open(user_pin=sys.stdin.readline().strip()) as session:
        for name, rule, make in variants(Card(session), fields, other):
            try:
                answer = sent(make())
            except pkcs11.exceptions.PKCS11Error:
                answer = "the card"
            verdict = "" if answer == rule else f" but it was: {answer}"
            wrong += answer != rule
            print(f"| {name} | {rule} |{verdict}")
    return 1 if wrong else 0


sys.exit(main())
