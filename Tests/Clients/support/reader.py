# SPDX-License-Identifier: Apache-2.0
"""Somebody who reads a page of docs, and types its blocks at a terminal.

    reader.py USER HOME RECORD

USER is who types, HOME where. Each request on standard input is a number, and as many
words, all ended by NUL; the answer is one line, "done" or what went wrong. A block is
named by its first line, or the beginning of it.

    page PAGE                        from now on this page: clients/openssl.md
    replace FROM TO                  what readers put in place of a word of the page
    terminal NUMBER                  from now on another terminal, with a shell of its own
    type BLOCK ANSWER...             types a block; it has to end with 0
    begin BLOCK PATTERN ANSWER...    types a block that goes on; waits for PATTERN
    stop                             Ctrl-C; it may end as it likes
    write BLOCK FILE                 writes a block to a file
    do COMMAND ANSWER...             types what is not on the page

An answer is typed when the terminal does not show what is typed, and a line that
ends with a colon is there: a question for a PIN. PATTERN=>ANSWER waits for other words.
^C and ^D are these keys, \\n is another line. Every answer has to be asked for, and no
question may be left. What the terminal showed is in HOME/out.

A line "sudo apt install NAME..." checks that these packages are installed: the tests
have a list of their own. Blocks that readers would see as the same text, as in the two
languages of a page, count as read together (RECORD has PAGE:LINE for each).
"""
import ctypes
import os
import pathlib
import pty
import pwd
import re
import select
import signal
import sys
import termios
import time

import pages

# Seconds without anything new on the screen.
PATIENCE = 60
KEYS = {"^C": b"\x03", "^D": b"\x04"}
QUESTION = re.compile(r"[^\n]*\S[^\n]*: *\Z")
PR_SET_CHILD_SUBREAPER = 36

# Runs the files that are named to it, in one environment. A block ends at its first
# command that fails.
SHELL = """
trap : INT
blocks=$1 results=$2 in_block=
trap 'status=$?; if [ -n "$in_block" ]; then in_block=; return "$status"; fi' ERR
while IFS= read -r -u "$blocks" file; do
    in_block=1 status=0
    . "$file" {blocks}<&- {results}>&-
    in_block=
    echo "$status" >&"$results"
done
"""


class Failure(Exception):
    """What went wrong, for the test's log."""


class Terminal:
    """A shell at a terminal of its own."""

    def __init__(self, user, home, environment):
        self.home = home
        blocks, self.blocks = os.pipe()
        self.results, results = os.pipe()
        self.process, self.descriptor = pty.fork()
        if self.process == 0:
            for number in signal.SIGINT, signal.SIGTTOU, signal.SIGQUIT, signal.SIGTERM:
                signal.signal(number, signal.SIG_DFL)
            if user.pw_uid != os.getuid():
                os.setgroups([])
                os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
                os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)
            os.chdir(home)
            os.set_inheritable(blocks, True)
            os.set_inheritable(results, True)
            os.execve("/bin/bash", ["bash", "--norc", "--noprofile", "-c", SHELL, "bash", str(blocks), str(results)],
                      environment)
        os.close(blocks)
        os.close(results)
        self.screen = ""
        self.read = 0
        self.running = False

    def happens(self, seconds):
        """Waits for output, and adds it to the screen; the exit status if the block has ended."""
        ready = select.select([self.descriptor, self.results], [], [], seconds)[0]
        if self.descriptor in ready:
            try:
                self.screen += os.read(self.descriptor, 65536).decode(errors="replace").replace("\r\n", "\n")
            except OSError:
                raise Failure("the shell has ended") from None
        elif self.results in ready:
            status = int(os.read(self.results, 16))
            # What it wrote last is still on its way through the terminal.
            while select.select([self.descriptor], [], [], 0.05)[0]:
                self.happens(0)
            self.running = False
            return status
        return None

    def shows_typing(self):
        return bool(termios.tcgetattr(self.descriptor)[3] & termios.ECHO)

    def type(self, keys):
        os.write(self.descriptor, KEYS.get(keys, keys.replace("\\n", "\n").encode() + b"\n"))
        self.read = len(self.screen)

    def run(self, text, answers, pattern=None):
        """Types it; nil if it goes on after PATTERN, else its exit status."""
        if self.running:
            raise Failure("the terminal is busy")
        file = pathlib.Path(self.home, ".typed")
        file.write_text(text + "\n")
        file.chmod(0o644)
        self.screen, self.read, self.running = "", 0, True
        os.write(self.blocks, f"{file}\n".encode())
        return self.converse(list(answers), pattern)

    def converse(self, answers, pattern=None):
        shown, end = 0, time.monotonic() + PATIENCE
        while True:
            status = self.happens(0.02)
            if len(self.screen) > shown:
                shown, end = len(self.screen), time.monotonic() + PATIENCE
            if status is not None:
                if answers:
                    raise Failure(f"ended with {status}, never asked: {answers}")
                return status
            if pattern and not answers and re.search(pattern, self.screen):
                return None
            if self.is_asked(answers):
                self.type(answers.pop(0).split("=>", 1)[-1])
            elif time.monotonic() > end:
                self.stop()
                raise Failure(f"waits for something else; still to type: {answers}")

    def is_asked(self, answers):
        new = self.screen[self.read:]
        if answers and "=>" in answers[0]:
            return re.search(answers[0].split("=>", 1)[0], new)
        if self.shows_typing() or not QUESTION.search(new):
            return False
        if not answers:
            self.stop()
            raise Failure("asks once more")
        return True

    def stop(self):
        """Ctrl-C, until it ends."""
        for _ in range(3):
            if not self.running:
                return
            os.write(self.descriptor, b"\x03")
            end = time.monotonic() + 5
            while self.running and time.monotonic() < end:
                self.happens(0.1)
        if self.running:
            raise Failure("does not end by Ctrl-C")


class Reader:
    """The person, with the page, the words to replace, and the terminals."""

    def __init__(self, user, home, record):
        self.user = pwd.getpwnam(user)
        self.home = home
        self.record = record
        self.replacements = []
        self.terminals = {}
        self.number = "1"

    def environment(self):
        if self.user.pw_uid == os.getuid():
            return dict(os.environ)
        return {
            "HOME": self.home, "USER": self.user.pw_name, "LOGNAME": self.user.pw_name, "SHELL": "/bin/bash",
            "PATH": os.environ.get("READERS_PATH", "") + ":/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "TERM": "dumb", "LANG": "C.UTF-8", "XDG_RUNTIME_DIR": f"/run/user/{self.user.pw_uid}"}

    def terminal(self):
        if self.number not in self.terminals:
            self.terminals[self.number] = Terminal(self.user, self.home, self.environment())
        return self.terminals[self.number]

    def replaced(self, text):
        for before, after in self.replacements:
            text = text.replace(before, after)
        return text

    def seen(self, block):
        """The block as it is typed, without comments: the same in both languages."""
        lines = (re.sub(r"(^|\s)#\s.*$", "", line).rstrip() for line in self.replaced(block.text).splitlines())
        return "\n".join(line for line in lines if line)

    def block(self, beginning):
        every = pages.blocks(self.page)
        found = [block for block in every
                 if self.replaced(block.text).startswith(beginning) or block.text.startswith(beginning)]
        exact = [block for block in found if self.seen(block).splitlines()[0] == beginning]
        texts = {self.seen(block) for block in exact or found}
        if len(texts) != 1:
            raise Failure(f"{len(texts)} blocks of docs/{self.page} begin with: {beginning}")
        text = texts.pop()
        with open(self.record, "a") as record:
            for block in every:
                if self.seen(block) == text:
                    record.write(f"{block.page}:{block.line}\n")
        return self.replaced(next(block for block in every if self.seen(block) == text).text)

    def to_type(self, beginning):
        return re.sub(r"^sudo apt install ((?:[a-z0-9][a-z0-9+.-]* ?)+)$", r"dpkg-query --status \1 >/dev/null",
                      self.block(beginning), flags=re.MULTILINE)

    def serve(self, request, *words):
        match request:
            case "page":
                self.page = words[0]
            case "replace":
                self.replacements.append(words)
            case "terminal":
                self.number = words[0]
            case "write":
                target = pathlib.Path(self.home, words[1])
                target.write_text(self.block(words[0]) + "\n")
                os.chown(target, self.user.pw_uid, self.user.pw_gid)
            case "type":
                self.expect(0, self.terminal().run(self.to_type(words[0]), words[1:]))
            case "do":
                self.expect(0, self.terminal().run(words[0], words[1:]))
            case "begin":
                self.expect(None, self.terminal().run(self.to_type(words[0]), words[2:], words[1]))
            case "stop":
                self.terminal().stop()
            case _:
                raise Failure(f"no such request: {request}")

    def expect(self, expected, status):
        if status != expected:
            raise Failure(f"ended with {status}")


def end_what_was_started():
    """All that was started, what moved into the background too."""
    while children := pathlib.Path(f"/proc/self/task/{os.getpid()}/children").read_text().split():
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        for child in children:
            os.waitpid(int(child), 0)


def requests():
    rest = b""
    while some := os.read(0, 65536):
        rest += some
        while True:
            words = rest.split(b"\0")
            if len(words) < 2 or len(words) < 2 + int(words[0]):
                break
            count = int(words[0])
            yield [word.decode() for word in words[1:1 + count]]
            rest = b"\0".join(words[1 + count:])


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    reader = Reader(*sys.argv[1:])
    try:
        for words in requests():
            answer = "done"
            try:
                reader.serve(*words)
            except Failure as failure:
                answer = str(failure)
            screen = reader.terminals[reader.number].screen if reader.number in reader.terminals else ""
            pathlib.Path(reader.home, "out").write_text(screen)
            print(answer.replace("\n", " "), flush=True)
    finally:
        end_what_was_started()


if __name__ == "__main__":
    main()
