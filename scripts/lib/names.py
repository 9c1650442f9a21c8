# SPDX-License-Identifier: Apache-2.0
"""The names of the Swift sources (CONTRIBUTING.md, "One word for one thing").

Prints, as file:line: a name that the glossary has replaced; a top-level type whose name
stands for another thing in another target; a file under 25 lines whose type has no doc
comment to say why it stands alone.
"""

import collections
import pathlib
import re

# Whole identifiers, each with the word of the glossary in its place.
REPLACED = {
    "Code": "PIN", "Codes": "PINs", "CardCodes": "CardPINs", "readCodes": "readPINs", "codesUnreadable": "pinsUnreadable",
    "noUnblockingCode": "noPUK", "neededUnblockingPIN": "neededPUK", "unblockingPIN": "puk", "wrongCode": "wrongPIN",
    "codeBlocked": "pinBlocked", "takesNewCodes": "takesNewPINs", "carriesOldCode": "carriesOldPIN", "NewCode": "NewPIN",
    "CodeOptions": "PINOptions", "NewCodeOptions": "NewPINOptions", "CodeSource": "PINSource", "CodeCheck": "PINCheck",
    "askForCode": "askForPIN", "newCode": "newPIN", "oldCode": "oldPIN", "longestCode": "longestPIN",
    "TryCounter": "RetryCounter", "tryCounter": "retryCounter", "tryCounters": "retryCounters",
    "TriesReport": "RetryCounterReport", "gravest": "mostSevere", "lonely": "unpaired", "isKept": "isHeld",
    "wasKept": "wasHeld", "tell": "log", "telling": "logging", "isTheOldOne": "sameNewPIN", "Ending": "Exit",
    "CardMemory": "CachedFiles", "tellsOfUpdates": "reportsUpdates", "Neighbour": "OtherProgram", "neighbour": "otherProgram",
    "isHeldByNeighbour": "isHeldByAnother", "NeighbourCheck": "OtherProgramsCheck",
}

ROOTS = ("Sources", "Tests")
TYPE = re.compile(r"^(?:(?:public|package|final|fileprivate|private|indirect|@\w+) )*"
                  r"(?:struct|class|enum|protocol|actor|typealias) (\w+)")
STRING = re.compile(r'"(?:\\.|[^"\\])*"')
WORD = re.compile(r"\b[A-Za-z_]\w*\b")


def main():
    types = collections.defaultdict(list)
    for root in ROOTS:
        for path in sorted(pathlib.Path(root).rglob("*.swift")):
            target = "/".join(path.parts[:2])
            lines = path.read_text().splitlines()
            for number, line in enumerate(lines, 1):
                code = STRING.sub('""', line).partition("//")[0]
                for word in WORD.findall(code):
                    if word in REPLACED:
                        print(f"{path}:{number}: `{word}` is called `{REPLACED[word]}` here")
                found = TYPE.match(line)
                if found and "private " not in line.partition(found.group(1))[0]:
                    types[found.group(1)].append((target, path, number))
            if root == "Sources" and len(lines) < 25 and not any(line.lstrip().startswith("///") for line in lines):
                print(f"{path}:1: a file of {len(lines)} lines, without a doc comment that says what it is for")
    for name, places in types.items():
        if len({target for target, _, _ in places}) > 1:
            for target, path, number in places:
                others = ", ".join(sorted({other for other, _, _ in places if other != target}))
                if others:
                    print(f"{path}:{number}: {others} has a type `{name}`, too")


main()
