# SPDX-License-Identifier: Apache-2.0
"""Checks the column "Checked by", the last one of the tables in docs/differences.md: it names
what would fail if a row were wrong.

    scripts/lib/differences.py

Prints each finding as file:line. A cell either names tests, or says when the official library was
seen to answer so:

    answers "TITLE"          a sequence of Tests/Conformance/compare/sequences.txt
    boundary "NAME"          a promise of Tests/Conformance/boundary, on one kind of card or more
    unit "TITLE"             a unit test
    Security/NAME "WORDS"    a test of Tests/Security/NAME.sh, by words of its title; other folders likewise
    seen 26 November 2026    no test; with the official library on that day

The tables under EXEMPT, and those before the first heading, have no such column.
"""

import pathlib
import re

PAGE = pathlib.Path("docs/differences.md")
# The program with the tests checks the first (official.sh); the other one is about programs of
# others.
EXEMPT = ["Return codes that the official test programs check", "Test programs of others"]
TESTS = pathlib.Path("Tests")
REFERENCE = re.compile(r'([\w/-]+) "([^"]+)"')
SEEN = re.compile(r"seen \d{1,2} (?:January|February|March|April|May|June|July|August|September|October|November|December) \d{4}")


def texts(folder, pattern):
    return "\n".join(file.read_text() for file in sorted(folder.rglob(pattern)))


def is_there(kind, name, cache={}):
    """Whether there is such a test; None for an unknown kind."""
    quoted = re.escape(name)
    if kind not in cache:
        if kind == "answers":
            cache[kind] = texts(TESTS / "Conformance/compare", "sequences.txt")
        elif kind == "boundary":
            cache[kind] = texts(TESTS / "Conformance/boundary", "*.c")
        elif kind == "unit":
            cache[kind] = "\n".join(texts(folder, "*.swift") for folder in sorted(TESTS.glob("*Tests")))
        else:
            script = TESTS / f"{kind}.sh"
            cache[kind] = script.read_text() if script.exists() else None
    text = cache[kind]
    if text is None:
        return None
    pattern = {
        "answers": rf"^== {quoted}$",
        "boundary": rf'^    \{{"{quoted}(-cps[34])?",',
        "unit": rf'@Test\(\s*"{quoted}"',
    }.get(kind, rf'\b(it|counted) "[^"\n]*{quoted}')
    return re.search(pattern, text, re.MULTILINE) is not None


def cells(line):
    return [cell.strip() for cell in line.split("|")[1:-1]] if line.startswith("|") else []


def judged(mark):
    """What is wrong with the text of a cell; nothing if it is right."""
    if SEEN.fullmatch(mark):
        return
    references = REFERENCE.findall(mark)
    if "; ".join(f'{kind} "{name}"' for kind, name in references) != mark or not references:
        yield f"neither tests nor a day: {mark}"
        return
    for kind, name in references:
        found = is_there(kind, name)
        if found is None:
            yield f"names {kind}, which is no place of tests"
        elif not found:
            yield f'names {kind} "{name}", which is not there'


def findings():
    heading, header, rows = "", None, 0
    for number, line in enumerate(PAGE.read_text().splitlines(), 1):
        if line.startswith("## "):
            heading = line[3:]
        row = cells(line)
        if not row:
            header = None
        elif header is None:
            header = row
            if heading and heading not in EXEMPT and header[-1] != "Checked by":
                yield number, "a table without the column \"Checked by\""
        elif heading and heading not in EXEMPT and not re.fullmatch(r"[|\- ]+", line):
            rows += 1
            if len(row) != len(header):
                yield number, f"{len(row)} cells where the table has {len(header)}"
                continue
            yield from ((number, finding) for finding in judged(row[-1]))
    if rows == 0:
        yield 1, "no rows"


for place, finding in findings():
    print(f"{PAGE}:{place}: {finding}")
