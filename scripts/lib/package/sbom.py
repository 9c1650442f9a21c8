# SPDX-License-Identifier: Apache-2.0
"""Writes what the packages consist of (SPDX 2.3 in JSON).

    scripts/lib/package/sbom.py PACKAGES RESOLVED SWIFT NAME=PRODUCT...

PACKAGES is the folder of the .deb and .rpm files, RESOLVED is Package.resolved, SWIFT the version of the Swift
toolchain, NAME a package and PRODUCT the file in it as the linker left it: its symbols tell what is linked in.
SOURCE_DATE_EPOCH is the time of the document.
"""

import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

SWIFT_LICENCE = "Apache-2.0 WITH Swift-exception"

# What Swift links into products: the project, its licence, how symbols of it begin, and who knows its version.
PARTS = {
    "swift": (
        "github.com/swiftlang/swift", SWIFT_LICENCE, r"\$ss[0-9A-Z]", "toolchain",
        "Swift's runtime and standard library, with parts of LLVM (Apache-2.0 WITH LLVM-exception)"),
    "swift-foundation": (
        "github.com/swiftlang/swift-foundation", SWIFT_LICENCE, r"\$s20FoundationEssentials", "toolchain",
        "FoundationEssentials alone"),
    "swift-collections": (
        "github.com/apple/swift-collections", SWIFT_LICENCE, r"\$s22_FoundationCollections", None,
        "As _FoundationCollections, in the version that swift-foundation was built with"),
    "swift-corelibs-libdispatch": (
        "github.com/swiftlang/swift-corelibs-libdispatch", SWIFT_LICENCE, r"dispatch_async\b", "toolchain", ""),
    "swift-argument-parser": (
        "github.com/apple/swift-argument-parser", SWIFT_LICENCE, r"\$s14ArgumentParser", "resolved", ""),
}


def identifier(*words):
    return "SPDXRef-" + re.sub(r"[^A-Za-z0-9.-]", "-", "-".join(words))


def output_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def package(name, version, licence, **more):
    result = {
        "SPDXID": identifier("Package", name), "name": name, "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False, "licenseConcluded": "NOASSERTION", "licenseDeclared": licence,
        "copyrightText": "NOASSERTION",
    } | {key: value for key, value in more.items() if value}
    if version:
        result["versionInfo"] = version
    return result


def related(source, kind, target):
    return {"spdxElementId": source["SPDXID"], "relationshipType": kind, "relatedSpdxElement": target["SPDXID"]}


def linked_in(product):
    """The names of the parts whose symbols the product has."""
    symbols = output_of("nm", "--defined-only", product)
    if not symbols:
        raise SystemExit(f"{product} has no symbols: it was stripped")
    return [name for name, part in PARTS.items() if re.search(rf" {part[2]}", symbols)]


def parts(resolved, swift):
    versions = {pin["identity"]: pin["state"]["version"] for pin in json.loads(resolved.read_text())["pins"]}
    for name, (home, licence, _, source, comment) in PARTS.items():
        version = {"toolchain": swift, "resolved": versions.get(name)}.get(source)
        address = f"pkg:swift/{home}" + (f"@{version}" if version else "")
        yield package(
            name, version, licence, comment=comment, primaryPackagePurpose="LIBRARY",
            externalRefs=[{
                "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": address}])


def needed(file):
    """The names of the packages that a .deb needs, but for ours."""
    field = output_of("dpkg-deb", "--field", file, "Depends").strip()
    return [name for name in (re.split(r"[ :]", word.strip())[0] for word in field.split(",")) if name]


def built(file):
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    if file.suffix == ".deb":
        name, version = (output_of("dpkg-deb", "--field", file, field).strip() for field in ("Package", "Version"))
    else:
        name, version = re.fullmatch(r"(.*)-([^-]*)-[^-]*\.\w+\.rpm", file.name).groups()
    result = package(
        name, version, "Apache-2.0", packageFileName=file.name, supplier="Organization: cps-pkcs11 authors",
        primaryPackagePurpose="INSTALL", checksums=[{"algorithm": "SHA256", "checksumValue": digest}])
    result["SPDXID"] = identifier("File", file.name)
    return result


def document(folder, resolved, swift, products):
    files = sorted([*folder.glob("*.deb"), *folder.glob("*.rpm")])
    found = {part["name"]: part for part in parts(resolved, swift)}
    links = {name: linked_in(product) for name, product in products.items()}
    packages, relations, system = [], [], {}
    for file in files:
        own = built(file)
        packages.append(own)
        relations.append({
            "spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": own["SPDXID"]})
        relations += [related(own, "STATIC_LINK", found[part]) for part in links.get(own["name"], [])]
        for name in needed(file) if file.suffix == ".deb" else []:
            if name not in links:
                system.setdefault(name, package(name, None, "NOASSERTION", comment="A package of the system"))
                relations.append(related(own, "DEPENDS_ON", system[name]))
    used = {name for names in links.values() for name in names}
    packages += [part for name, part in found.items() if name in used] + list(system.values())
    everything = hashlib.sha256("".join(own["checksums"][0]["checksumValue"] for own in packages[:len(files)]).encode())
    time = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    return {
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "cps-pkcs11",
        "documentNamespace": f"https://spdx.org/spdxdocs/cps-pkcs11-{everything.hexdigest()}",
        "creationInfo": {
            "created": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": ["Organization: cps-pkcs11 authors", "Tool: cps-pkcs11-scripts/package"]},
        "packages": packages, "relationships": relations,
    }


def main():
    folder, resolved, swift, *products = sys.argv[1:]
    print(json.dumps(document(
        pathlib.Path(folder), pathlib.Path(resolved), swift, dict(word.split("=", 1) for word in products)), indent=2))


main()
