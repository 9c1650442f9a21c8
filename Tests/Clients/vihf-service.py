# SPDX-License-Identifier: Apache-2.0
"""A strict stand-in for the DMP: takes a SOAP request with a VIHF, and names the rule that it breaks.

    vihf-service.py DIRECTORY AUTHORITIES

DIRECTORY is the profile of a virtual card: what the national directory would know of its holder.
AUTHORITIES is a file with certificates. Writes its port to the file `port` and answers there, on
loopback: 200 and the words `accepted NameID structure sector`, or a SOAP fault whose reason begins with
the name of a rule below. docs/clients/dmp.md says where the rules come from. Runs with Debian's
python3-lxml and python3-cryptography.
"""

import base64
import datetime
import hashlib
import http.server
import json
import os
import re
import sys

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree

SOAP = "http://www.w3.org/2003/05/soap-envelope"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
DS = "http://www.w3.org/2000/09/xmldsig#"
HL7 = "urn:hl7-org:v3"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"

PROFESSIONS, FUTURE_PROFESSIONS = "1.2.250.1.71.1.2.7", "1.2.250.1.71.1.2.8"
SPECIALITIES, SECTORS = "1.2.250.1.71.4.2.5", "1.2.250.1.71.4.2.4"
DOCTOR = "10"


class Violation(Exception):
    """The name of a rule, and what breaks it. Quoted words are those of the DMP."""

    def __init__(self, rule, words):
        super().__init__(f"{rule}: {words}")


def demand(condition, rule, words):
    if not condition:
        raise Violation(rule, words)


class Service:
    def __init__(self, directory, authorities):
        self.person = json.load(open(directory, encoding="utf-8"))
        pem = open(authorities, "rb").read().split(b"-----END CERTIFICATE-----")
        self.authorities = [
            x509.load_pem_x509_certificate(part + b"-----END CERTIFICATE-----\n") for part in pem if b"BEGIN" in part
        ]
        self.seen = set()

    def check(self, request):
        """Returns what was accepted, or raises Violation."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=False)
        try:
            envelope = etree.fromstring(request, parser)
        except etree.XMLSyntaxError as error:
            raise Violation("envelope", error) from error
        demand(envelope.getroottree().docinfo.doctype == "", "envelope", "a document type")
        demand(envelope.tag == f"{{{SOAP}}}Envelope", "envelope", "no SOAP 1.2 envelope")
        assertions = envelope.findall(f"{{{SOAP}}}Header/{{{WSSE}}}Security/{{{SAML}}}Assertion")
        everywhere = list(envelope.iter(f"{{{SAML}}}Assertion"))
        demand(len(assertions) == 1 == len(everywhere), "envelope", "not exactly one Assertion, in wsse:Security")
        (assertion,) = assertions
        demand(assertion.get("Version") == "2.0", "envelope", "not SAML 2.0")
        identifiers = [node.get("ID") for node in envelope.iter(etree.Element) if node.get("ID")]
        demand(identifiers.count(assertion.get("ID")) == 1, "reference", "the ID occurs twice")
        # First of all, because everything else is worth nothing without it.
        certificate = self.signer(assertion)
        self.check_person(assertion, certificate)
        accepted = self.check_attributes(assertion)
        demand(assertion.get("ID") not in self.seen, "replay", "this assertion was used before")
        self.seen.add(assertion.get("ID"))
        return accepted

    # The signature

    def signer(self, assertion):
        """The certificate whose key signed the assertion; checks the signature and the certificate."""
        signatures = assertion.findall(f"{{{DS}}}Signature")
        demand(len(signatures) == 1, "signature", "not exactly one Signature in the Assertion")
        (signature,) = signatures
        before = signature.getprevious()
        demand(before is not None and before.tag == f"{{{SAML}}}Issuer", "signature", "not after Issuer (SAML schema)")
        info = signature.find(f"{{{DS}}}SignedInfo")
        method = info.find(f"{{{DS}}}CanonicalizationMethod")
        demand(method.get("Algorithm") == EXCLUSIVE, "canonicalization", f"SignedInfo by {method.get('Algorithm')}")
        algorithm = info.find(f"{{{DS}}}SignatureMethod").get("Algorithm")
        demand(algorithm == RSA_SHA256, "algorithm", f"signed by {algorithm}")
        references = info.findall(f"{{{DS}}}Reference")
        demand(len(references) == 1, "reference", "not exactly one Reference")
        (reference,) = references
        demand(reference.get("URI") == "#" + assertion.get("ID"), "reference", "to something else than the Assertion")
        transforms = reference.findall(f"{{{DS}}}Transforms/{{{DS}}}Transform")
        names = [transform.get("Algorithm") for transform in transforms]
        demand(names == [ENVELOPED, EXCLUSIVE], "canonicalization", f"Assertion by {' '.join(names)}")
        hash_name = reference.find(f"{{{DS}}}DigestMethod").get("Algorithm")
        demand(hash_name == SHA256, "algorithm", f"hashed by {hash_name}")

        signed_info = canonical(info, method)
        value = decoded(signature.findtext(f"{{{DS}}}SignatureValue"))
        digest = decoded(reference.findtext(f"{{{DS}}}DigestValue"))
        texts = signature.findall(f"{{{DS}}}KeyInfo/{{{DS}}}X509Data/{{{DS}}}X509Certificate")
        demand(len(texts) == 1, "certificate", "not exactly one X509Certificate in KeyInfo")
        try:
            certificate = x509.load_der_x509_certificate(decoded(texts[0].text))
        except ValueError as error:
            raise Violation("certificate", error) from error
        # The enveloped-signature transform.
        assertion.remove(signature)
        demand(
            hashlib.sha256(canonical(assertion, transforms[1])).digest() == digest, "digest", "the Assertion was changed"
        )
        try:
            certificate.public_key().verify(value, signed_info, padding.PKCS1v15(), hashes.SHA256())
        except InvalidSignature as error:
            raise Violation("signature-value", "not by the key of the certificate") from error
        self.check_certificate(certificate)
        return certificate

    def check_certificate(self, certificate):
        issuer = next((one for one in self.authorities if one.subject == certificate.issuer), None)
        demand(issuer is not None, "chain", "the certificate's authority is not known")
        try:
            issuer.public_key().verify(
                certificate.signature,
                certificate.tbs_certificate_bytes,
                padding.PKCS1v15(),
                certificate.signature_hash_algorithm,
            )
        except InvalidSignature as error:
            raise Violation("chain", "the authority did not sign the certificate") from error
        now = datetime.datetime.utcnow()
        valid = certificate.not_valid_before <= now <= certificate.not_valid_after
        demand(valid, "chain", "the certificate is not valid today")
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        demand(
            usage.content_commitment,
            "certificate-use",
            '"Le certificat ayant signé le VIHF est invalide : Not a valid signature certificate"',
        )

    # Who

    def check_person(self, assertion, certificate):
        issuer = assertion.find(f"{{{SAML}}}Issuer")
        demand(
            issuer.get("Format") == "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName", "issuer", "its Format"
        )
        demand(same_name(issuer.text, certificate.subject), "issuer", f"not the certificate's subject: {issuer.text}")
        name = assertion.findtext(f"{{{SAML}}}Subject/{{{SAML}}}NameID")
        common = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
        holder = self.person["holder"]
        demand(name == common, "subject", f"NameID is {name}, the certificate's CN {common}")
        demand(name == holder["identifierType"] + holder["identifier"], "subject", "not in the directory")
        context = assertion.findtext(f"{{{SAML}}}AuthnStatement/{{{SAML}}}AuthnContext/{{{SAML}}}AuthnContextClassRef")
        demand(context == "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI", "authentication", context)
        age = datetime.datetime.utcnow() - instant(assertion.get("IssueInstant"))
        demand(abs(age) < datetime.timedelta(minutes=10), "time", f"issued {age} ago")

    # Where, and as what

    def check_attributes(self, assertion):
        attributes = {}
        for attribute in assertion.iterfind(f"{{{SAML}}}AttributeStatement/{{{SAML}}}Attribute"):
            demand(attribute.get("Name") not in attributes, "attributes", f"{attribute.get('Name')} occurs twice")
            attributes[attribute.get("Name")] = attribute.findall(f"{{{SAML}}}AttributeValue")

        def text(name, rule):
            values = attributes.get(name, [])
            demand(len(values) == 1 and values[0].text, rule, f"{name} has {len(values)} values")
            return values[0].text

        demand(text("VIHF_Version", "version") in ("3.0", "4.0"), "version", "neither 3.0 nor 4.0")
        structure, sector = text("Identifiant_Structure", "structure"), text("Secteur_Activite", "sector")
        activities = [
            one for one in self.person["activities"]
            if one["structureIdentifierType"] + one["structureIdentifier"] == structure
        ]
        demand(activities, "structure", f'{structure}: "PS et Structure non liés"')
        form = re.fullmatch(r"(SA\d\d)\^" + re.escape(SECTORS), sector)
        demand(form, "sector", f"{sector} is not CODE^{SECTORS}")
        demand(
            any(one["sector"] == form.group(1) for one in activities),
            "sector",
            f"{form.group(1)} is not the sector of {structure} ({activities[0]['sector']})",
        )
        text("urn:oasis:names:tc:xspa:1.0:subject:subject-id", "subject")
        self.check_roles(attributes.get("urn:oasis:names:tc:xacml:2.0:subject:role", []))
        demand(text("Ressource_URN", "resource") == "urn:dmp", "resource", "Ressource_URN is not urn:dmp")
        patient = text("urn:oasis:names:tc:xacml:2.0:resource:resource-id", "resource")
        demand(re.fullmatch(r"\d{13,15}\^\^\^&1\.2\.250\.1\.213\.1\.4\.\d+&ISO\^NH", patient), "resource", patient)
        purposes = attributes.get("urn:oasis:names:tc:xspa:1.0:subject:purposeofuse", [])
        demand(len(purposes) == 1 and len(purposes[0]) == 1, "purpose", "not exactly one")
        check_code(purposes[0][0], "PurposeOfUse", "purpose")
        return f"{assertion.findtext(f'{{{SAML}}}Subject/{{{SAML}}}NameID')} {structure} {form.group(1)}"

    def check_roles(self, values):
        holder = self.person["holder"]
        demand(values, "role", "no profession")
        for value in values:
            demand(len(value) == 1, "role", "not exactly one Role in an AttributeValue")
            check_code(value[0], "Role", "role")
        profession = values[0][0]
        table = PROFESSIONS if "profession" in holder else FUTURE_PROFESSIONS
        demand(
            (profession.get("code"), profession.get("codeSystem"))
            == (holder.get("profession") or holder.get("futureProfession"), table),
            "role",
            f"the first one is {profession.get('code')} of {profession.get('codeSystem')}, not the profession",
        )
        if holder.get("profession") == DOCTOR:
            demand(
                len(values) > 1,
                "role",
                '"Aucune spécialité dans le vihf. Spécialité obligatoire pour les Médecins..."',
            )
            speciality = values[1][0]
            demand(
                (speciality.get("code"), speciality.get("codeSystem")) == (holder["speciality"], SPECIALITIES),
                "role",
                f"the second one is {speciality.get('code')} of {speciality.get('codeSystem')}, not the speciality",
            )
        demand(len(values) == (2 if holder.get("profession") == DOCTOR else 1), "role", f"{len(values)} values")


def canonical(node, method):
    """Exclusive C14N, with the prefixes that its InclusiveNamespaces names."""
    names = method.find(f"{{{EXCLUSIVE}}}InclusiveNamespaces")
    prefixes = None if names is None else names.get("PrefixList").split()
    return etree.tostring(
        node, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=prefixes, with_tail=False
    )


def check_code(node, name, rule):
    """A coded value of HL7 v3."""
    demand(node.tag == f"{{{HL7}}}{name}", rule, f"{node.tag} instead of {name}")
    demand((node.get(XSI_TYPE) or "").split(":")[-1] == "CE", rule, "xsi:type is not CE")
    for attribute in ("code", "codeSystem", "displayName"):
        demand(node.get(attribute), rule, f"no {attribute}")


# The names that programs give the attributes.
SYNONYMS = {
    "CN": "2.5.4.3", "SN": "2.5.4.4", "SURNAME": "2.5.4.4", "C": "2.5.4.6", "L": "2.5.4.7", "ST": "2.5.4.8",
    "O": "2.5.4.10", "OU": "2.5.4.11", "TITLE": "2.5.4.12", "T": "2.5.4.12", "GN": "2.5.4.42",
    "GIVENNAME": "2.5.4.42", "PSEUDONYM": "2.5.4.65",
}  # fmt: skip


def same_name(text, name):
    """Whether a text is a name in the form of RFC 2253: the last part first."""
    given = []
    for part in re.split(r"(?<!\\),", text or ""):
        values = []
        for value in re.split(r"(?<!\\)\+", part):
            kind, separator, content = value.strip().partition("=")
            if not separator:
                return False
            values.append((SYNONYMS.get(kind.upper(), kind), re.sub(r"\\(.)", r"\1", content)))
        given.append(sorted(values))
    expected = [sorted((one.oid.dotted_string, one.value) for one in part) for part in reversed(name.rdns)]
    return given == expected


def decoded(text):
    return base64.b64decode("".join((text or "").split()))


def instant(text):
    try:
        return datetime.datetime.strptime(re.sub(r"\.\d+", "", text or ""), "%Y-%m-%dT%H:%M:%SZ")
    except ValueError as error:
        raise Violation("time", error) from error


class Handler(http.server.BaseHTTPRequestHandler):
    service = None

    def do_POST(self):
        request = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            status, answer = 200, "<accepted>" + self.service.check(request) + "</accepted>"
        except Violation as violation:
            reason = etree.Element(f"{{{SOAP}}}Text")
            reason.text = str(violation)
            status, answer = 400, (
                f'<s:Fault xmlns:s="{SOAP}"><s:Code><s:Value>s:Sender</s:Value></s:Code>'
                f"<s:Reason>{etree.tostring(reason, encoding='unicode')}</s:Reason></s:Fault>"
            )
        body = f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{answer}</s:Body></s:Envelope>'.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/soap+xml; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def main():
    Handler.service = Service(*sys.argv[1:])
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    with open("port.new", "w", encoding="ascii") as file:
        file.write(str(server.server_port))
    os.rename("port.new", "port")
    server.serve_forever()


main()
