# SPDX-License-Identifier: Apache-2.0
"""Compares the imports of each target with its dependencies in Package.swift.

    swift package dump-package | python3 scripts/lib/imports.py

Prints each difference as file:line. SwiftPM checks the same in the build
(--explicit-target-dependency-import-check), but it accepts an import of a dependency's
dependency, and does not report a dependency that no file imports.
"""

import json
import pathlib
import re
import sys

IMPORT = re.compile(r"^\s*(?:@\w+\s+)?(?:(?:public|package|internal)\s+)?import\s+(?:(?:struct|class|enum|func)\s+)?(\w+)")


def name(dependency):
    """byName and product are arrays that begin with the name."""
    return next(iter(dependency.values()))[0]


def imports(folder):
    """The first place of each import below a folder."""
    places = {}
    for file in sorted(pathlib.Path(folder).rglob("*.swift")):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if match := IMPORT.match(line):
                places.setdefault(match[1], f"{file}:{number}")
    return places


def main():
    targets = json.load(sys.stdin)["targets"]
    dependencies = {target["name"]: {name(each) for each in target["dependencies"]} for target in targets}
    known = set(dependencies).union(*dependencies.values())
    for target in targets:
        if target["type"] == "system":
            continue
        folder = target.get("path") or ("Tests/" if target["type"] == "test" else "Sources/") + target["name"]
        found = imports(folder)
        for module in sorted(known & set(found) - dependencies[target["name"]]):
            print(f"{found[module]}: imports {module}, which Package.swift does not name as a dependency of this target")
        for module in sorted(dependencies[target["name"]] - set(found)):
            print(f"Package.swift:1: {target['name']} depends on {module}, which it does not import")


main()
