# SPDX-License-Identifier: Apache-2.0
"""The functions of the library: docs/functions.table is the list of them.

Compares with it
  * the function tables of Sources/CPSPKCS11/Functions/FunctionList.swift: the functions of
    each version of the standard, in the same order, each in the field of its name
  * the entry points in Sources/CPSPKCS11/Functions: each function once, none besides
  * NotSupported.swift there: what it has is refused in the list

Prints each difference as file:line. Tests/Conformance/functions.sh compares the list with the
exports of the built library, and with what each function answers.
"""

import pathlib
import re

TABLE = pathlib.Path("docs/functions.table")
FOLDER = pathlib.Path("Sources/CPSPKCS11/Functions")
LISTS = FOLDER / "FunctionList.swift"
VERSIONS = {"CK_FUNCTION_LIST": "2.40", "CPS_FUNCTION_LIST_3_0": "3.0", "CPS_FUNCTION_LIST_3_2": "3.2"}
# C_GetInfo says in each table of which version it is.
GIVEN = {"C_GetInfo": "getInfo"}


def rows():
    """Of each function: its line in the table, its version, and what the library answers."""
    found = {}
    for number, line in enumerate(TABLE.read_text().splitlines(), 1):
        if line.startswith("C_"):
            name, version, answer, _ = line.split("|", 3)
            found[name] = (number, version, answer)
    return found


def fields():
    """Of each version: the fields of its function table, with line and value."""
    found = {version: [] for version in VERSIONS.values()}
    version = None
    for number, line in enumerate(LISTS.read_text().splitlines(), 1):
        if match := re.search(r"unsafe (CK_FUNCTION_LIST|CPS_FUNCTION_LIST_\w+)\($", line):
            version = VERSIONS[match[1]]
        elif version and (match := re.match(r"\s*(C_\w+): (\w+)[,)]", line)):
            found[version].append((match[1], match[2], number))
    return found


def entry_points():
    """The places of each function that C can call."""
    found = {}
    for path in sorted(FOLDER.glob("*.swift")):
        before = ""
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if (match := re.match(r"public func (C_\w+)\(", line)) and before == "@c @implementation":
                found.setdefault(match[1], []).append((path, number))
            before = line
    return found


def main():
    table = rows()
    for version, given in fields().items():
        wanted = [name for name, row in table.items() if row[1] == version]
        for name, value, number in given:
            if value != GIVEN.get(name, name):
                print(f"{LISTS}:{number}: the field {name} has the function {value}")
        if [name for name, _, _ in given] != wanted:
            names = {name for name, _, _ in given}.symmetric_difference(wanted)
            print(f"{LISTS}:1: not the functions of version {version} in {TABLE}: {', '.join(sorted(names)) or 'order'}")
    places = entry_points()
    for name, (number, _, answer) in table.items():
        if len(places.get(name, [])) != 1:
            print(f"{TABLE}:{number}: {name} is exported in {len(places.get(name, []))} places of {FOLDER}")
        for path, line in places.get(name, []):
            if path.name == "NotSupported.swift" and answer != "refused":
                print(f"{path}:{line}: {name} works, says {TABLE}:{number}")
    for name in places.keys() - table.keys():
        path, number = places[name][0]
        print(f"{path}:{number}: {name} is missing in {TABLE}")


main()
