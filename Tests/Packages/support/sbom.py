# SPDX-License-Identifier: Apache-2.0
"""Checks an SBOM: what SPDX 2.3 requires of the document, and that it names what is in the packages.

    sbom.py DOCUMENT PACKAGES RESOLVED
"""

import hashlib
import json
import pathlib
import re
import sys

IDENTIFIER = re.compile(r"SPDXRef-[A-Za-z0-9.-]+")
# The fields without which the SPDX 2.3 schema refuses a document or a package.
DOCUMENT = {"spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace", "creationInfo"}
PACKAGE = {"SPDXID", "name", "downloadLocation"}

# What is linked in, by package.
COMMANDS = {"swift", "swift-argument-parser", "swift-collections", "swift-corelibs-libdispatch", "swift-foundation"}
LINKED = {"libcps-pkcs11": {"swift"}, "cps": COMMANDS, "cps-virtual-card": COMMANDS, "cps-pkcs11-doc": set()}


def check(condition, what):
    if not condition:
        raise SystemExit(f"not so: {what}")


def is_well_formed(document):
    check(DOCUMENT <= document.keys(), "the document has all fields")
    check(document["spdxVersion"] == "SPDX-2.3" and document["dataLicense"] == "CC0-1.0", "version and licence of the data")
    check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document["creationInfo"]["created"]), "the time is one")
    check(all(re.match("(Tool|Organization|Person): ", who) for who in document["creationInfo"]["creators"]), "creators")
    names = [package["SPDXID"] for package in document["packages"]]
    check(len(names) == len(set(names)) and all(map(IDENTIFIER.fullmatch, names)), "each package has its identifier")
    check(all(PACKAGE <= package.keys() for package in document["packages"]), "each package has all fields")
    for relation in document["relationships"]:
        ends = {relation["spdxElementId"], relation["relatedSpdxElement"]}
        check(ends <= {*names, "SPDXRef-DOCUMENT"}, f"both ends are there: {relation}")


def names_the_packages(document, folder, versions):
    packages = {package["SPDXID"]: package for package in document["packages"]}
    described = {r["relatedSpdxElement"] for r in document["relationships"] if r["relationshipType"] == "DESCRIBES"}
    files = {file.name: file for suffix in ("deb", "rpm") for file in folder.glob(f"*.{suffix}")}
    check({packages[name]["packageFileName"] for name in described} == files.keys(), "all packages are described")
    for name in described:
        package = packages[name]
        digest = hashlib.sha256(files[package["packageFileName"]].read_bytes()).hexdigest()
        check(package["checksums"] == [{"algorithm": "SHA256", "checksumValue": digest}], f"the checksum of {name}")
        linked = {
            packages[r["relatedSpdxElement"]]["name"] for r in document["relationships"]
            if r["spdxElementId"] == name and r["relationshipType"] == "STATIC_LINK"}
        check(linked == LINKED[package["name"]], f"what is linked into {name}: {linked}")
    parsers = [package["versionInfo"] for package in packages.values() if package["name"] == "swift-argument-parser"]
    check(parsers == [versions["swift-argument-parser"]], f"the version of swift-argument-parser: {parsers}")
    check(any(package["name"] == "swift" and package.get("versionInfo") for package in packages.values()), "Swift's version")


def main():
    document = json.loads(pathlib.Path(sys.argv[1]).read_text())
    pins = json.loads(pathlib.Path(sys.argv[3]).read_text())["pins"]
    is_well_formed(document)
    names_the_packages(document, pathlib.Path(sys.argv[2]), {pin["identity"]: pin["state"]["version"] for pin in pins})


main()
