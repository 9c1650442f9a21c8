# SPDX-License-Identifier: Apache-2.0
"""Checks that what the documents and comments refer to exists.

    scripts/lib/documents.py

Prints each finding as file:line:

  a citation of docs/cards.md ("cards.md §2.9, §4.4 a, §11 defect 8") whose section is not there
  a document, or a heading of one ("docs/architecture.md, "The cache""), that is named and not there
  a file or folder of the repository between backticks that is not there
  a link in a Markdown file to a file or heading of this repository that is not there
  a document in docs that docs/README.md does not name
"""

import pathlib
import re

SOURCES = [".ci", "Include", "Sources", "Tests", "debian", "docs", "packaging", "scripts"]
CARDS = pathlib.Path("docs/cards.md")

# A space, also where a line of a comment ends and the next one begins.
GAP = r"(?:[ \t]*\n[ \t]*(?:///?|#|\*)?[ \t]*|[ \t]+)"
CITATION = re.compile(rf"(?<![\w-])cards\.md`?\)?,?{GAP}(?=§)")
SECTION = re.compile(r"§(\d+(?:\.\d+)*)")
DETAIL = re.compile(rf",?{GAP}(?:(step|defect|test){GAP}(\d+)|([a-z])\b)")
NEXT = re.compile(rf"(?:,?{GAP}(?:and|to){GAP}|,{GAP}|-)(?=§)")
MENTION = re.compile(rf'(?:docs/)?\b([\w/-]+\.md)(?:,{GAP}"([A-Z][^"]*)")?')
# A file or folder of the repository between backticks; NAME stands for one that is to be written.
PATH = re.compile(r"`((?:Include|Sources|Tests|debian|docs|packaging|scripts)/[\w./+*-]+)[`: ]")
# A test named after a section, in files that cite the page.
TITLE = re.compile(r'"(?=§)')

LINK = re.compile(r"(?<!!)\[[^\]\n]*(?:\n[^\]\n]*)?\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
# Text that is shown as it is: blocks between ``` and between backticks.
VERBATIM = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def line(text, offset):
    return text.count("\n", 0, offset) + 1


def sections(text):
    """The sections of docs/cards.md: number and text up to the next heading."""
    parts = re.split(r"^#{2,3} (\d+(?:\.\d+)*)\.? .*$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


def has(body, kind, number, letter):
    """Whether a section has the numbered item, lettered paragraph or test of a citation."""
    if letter:
        return f"({letter})" in body
    if kind == "test":
        return re.search(rf"\b{number}\b", body) is not None
    return re.search(rf"^{number}\. ", body, re.MULTILINE) is not None


def cited(text, offset):
    """The sections that a citation lists from here on, each with its detail."""
    while section := SECTION.match(text, offset):
        offset = section.end()
        detail = DETAIL.match(text, offset)
        if detail:
            offset = detail.end()
        yield section[1], detail
        following = NEXT.match(text, offset)
        if not following:
            return
        offset = following.end()


def citations(file, text, known):
    places = [match.end() for match in CITATION.finditer(text)]
    if places:
        places += [match.end() for match in TITLE.finditer(text)]
    for place in places:
        for number, detail in cited(text, place):
            if number not in known:
                yield f"{file}:{line(text, place)}: cites cards.md §{number}, which {CARDS} does not have"
            elif detail and not has(known[number], *detail.groups()):
                yield f"{file}:{line(text, place)}: {CARDS} §{number} has no {detail[0].strip(', ')}"
    for match in re.finditer(r"shared/\w+", text):
        yield f"{file}:{line(text, match.start())}: names a path outside of the repository"


def mentions(file, text):
    """Documents that are named without a link, some with a heading: docs/architecture.md, "The cache"."""
    for match in MENTION.finditer(text):
        document = pathlib.Path("docs") / match[1]
        heading = match[2] and re.sub(GAP, " ", match[2])
        if "NAME" in match[1]:
            continue
        if not document.exists():
            if match[0].startswith("docs/"):
                yield f"{file}:{line(text, match.start())}: names {document}, which is not there"
        elif heading and heading not in HEADING.findall(document.read_text()):
            yield f"{file}:{line(text, match.start())}: names \"{heading}\" in {document}, a heading that is not there"


def paths(file, text):
    for match in PATH.finditer(text):
        if "NAME" not in match[1] and not list(pathlib.Path(".").glob(match[1])):
            yield f"{file}:{line(text, match.start())}: names {match[1]}, which is not there"


def anchors(text):
    """The names that headings get on GitHub."""
    found = {}
    for title in HEADING.findall(re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)):
        title = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title)
        name = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        found[name] = found.get(name, -1) + 1
        yield f"{name}-{found[name]}" if found[name] else name


def links(file, text):
    # Same length, so that offsets stay those of the text.
    plain = VERBATIM.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)
    for match in LINK.finditer(plain):
        target = match[1] or match[2]
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        destination = file.parent / path if path else file
        if not destination.exists():
            yield f"{file}:{line(text, match.start())}: leads to {target}, which is not there"
        elif anchor and anchor not in anchors(destination.read_text()):
            yield f"{file}:{line(text, match.start())}: leads to {target}, a heading that is not there"


def unlisted():
    index = pathlib.Path("docs/README.md")
    for file in sorted(pathlib.Path("docs").glob("*.md")):
        if file != index and f"]({file.name})" not in index.read_text():
            yield f"{file}:1: not named in {index}"


def main():
    known = sections(CARDS.read_text())
    files = [file for folder in SOURCES for file in sorted(pathlib.Path(folder).rglob("*")) if file.is_file()]
    files += [file for file in sorted(pathlib.Path(".").glob("*")) if file.is_file()]
    for file in files:
        if file.name == "documents.py":
            continue
        try:
            text = file.read_text()
        except UnicodeDecodeError:
            continue
        findings = [*citations(file, text, known), *mentions(file, text), *paths(file, text)]
        if file.suffix == ".md":
            findings += links(file, text)
        for finding in findings:
            print(finding)
    for finding in unlisted():
        print(finding)


main()
