#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The code blocks of the pages in docs, and which of them the tests run.

    pages.py unread PAGE RECORD   the blocks of a page that no test has read, by what it
                                  recorded (reader.py), and that give no reason either
    pages.py unclaimed            of all pages whose commands are run: the blocks without
                                  a reason on pages that no test reads

Both print a line for each block and end with 1 if there is one. A block that cannot be
run has its reason in a comment before it:

    <!-- not run: needs a desktop -->

"unclaimed" says last how many blocks there are, and how many are not run.
"""
import pathlib
import re
import sys

PROJECT = pathlib.Path(__file__).resolve().parents[3]
DOCS = PROJECT / "docs"
REASON = re.compile(r"^\s*<!-- not run: (.*?)(-->)?\s*$")


class Block:
    """Lines that a reader types, or writes to a file, without their indentation."""

    def __init__(self, page, line, text, reason):
        self.page = page
        self.line = line
        self.text = text
        self.reason = reason

    def __str__(self):
        return f"docs/{self.page}:{self.line}: {self.text.splitlines()[0]}"


def blocks(page):
    """All code blocks of docs/PAGE, in order: fenced ones, and those that are indented by four."""
    found, reason, open_comment = [], None, False
    lines = (DOCS / page).read_text().splitlines()
    index = 0
    while index < len(lines):
        line = lines[index]
        start = index
        index += 1
        if open_comment:
            reason += " " + line.strip().removesuffix("-->").strip()
            open_comment = "-->" not in line
        elif match := REASON.match(line):
            reason = match[1].strip()
            open_comment = match[2] is None
        elif line.lstrip().startswith("```"):
            indent = len(line) - len(line.lstrip())
            end = next(i for i in range(index, len(lines)) if lines[i].strip() == "```")
            found.append(Block(page, start + 1, "\n".join(text[indent:] for text in lines[index:end]), reason))
            index, reason = end + 1, None
        elif line.startswith("    ") and line.strip() and can_begin_after(lines[start - 1] if start else ""):
            while index < len(lines) and (lines[index].startswith("    ") or not lines[index].strip()):
                index += 1
            text = "\n".join(text[4:] for text in lines[start:index]).rstrip()
            found.append(Block(page, start + 1, text, reason))
            reason = None
        elif line.strip():
            reason = None
    return found


def can_begin_after(line):
    """Whether an indented block can begin after this line; within a paragraph it cannot."""
    return not line.strip() or line.rstrip().endswith("-->") or line.startswith("#")


def pages():
    """All pages whose commands are run."""
    return ["cps.md"] + sorted(f"clients/{file.name}" for file in (DOCS / "clients").glob("*.md"))


def claimed():
    """The pages that a test reads to their end."""
    found = set()
    for file in (PROJECT / "Tests").glob("*/*.sh"):
        found |= set(re.findall(r"^\s*page_is_read (\S+)", file.read_text(), re.MULTILINE))
    return found


def unread(page, record):
    read = set(pathlib.Path(record).read_text().split())
    return [block for block in blocks(page) if not block.reason and f"{page}:{block.line}" not in read]


def unclaimed():
    read = claimed()
    every = [block for page in pages() for block in blocks(page)]
    reasons = sum(1 for block in every if block.reason)
    left = [block for block in every if not block.reason and block.page not in read]
    summary = f"{len(every)} blocks on {len(pages())} pages: {len(every) - reasons - len(left)} run, " \
        f"{reasons} not run with a reason, {len(left)} without"
    return left, summary


def main():
    if sys.argv[1] == "unread":
        left = unread(*sys.argv[2:])
    else:
        left, summary = unclaimed()
        print(summary)
    for block in left:
        print(f"not run, and no reason: {block}")
    sys.exit(1 if left else 0)


if __name__ == "__main__":
    main()
