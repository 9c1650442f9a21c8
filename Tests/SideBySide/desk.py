# SPDX-License-Identifier: Apache-2.0
"""A person's desk: one card, programs of one user, the register of their logins, and a stranger.

The stranger is a program that knows no PIN and talks to the card by PC/SC alone.
"""

import contextlib
import os
import pathlib
import pwd
import select
import subprocess
import time

from support.cards import Card
from support.environment import FULL_LIBRARY, PIN, PROJECT, UnprivilegedUser, WORK, stop
from support.report import Failure

# For the programs of the person: pkcs11-tool's name of the signature key.
SIGNATURE_KEY = "CPS_PRIV_SIG"
NEIGHBOUR = WORK / "neighbour"
READER = "Virtual reader 00 00"


class Conversation:
    """A program of the person's that answers each line with a line."""

    def __init__(self, user, *command, name):
        self.process = user.start(
            *command, log=user.home / f"{name}.log", stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL)

    def ask(self, line, timeout=30):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        answer = b""
        end = time.monotonic() + timeout
        while not answer.endswith(b"\n"):
            if not select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))[0]:
                raise TimeoutError(f"{line}: no answer within {timeout} s")
            more = os.read(self.process.stdout.fileno(), 4096)
            if not more:
                raise Failure(f"{line}: the program ended")
            answer += more
        return answer.decode().strip()

    def stop(self):
        stop(self.process, patience=5)
        self.process.stdin.close()
        self.process.stdout.close()


class Bystander(Conversation):
    """A program of ours that is connected to the card, knows no PIN, and calls when it is told to."""

    def __init__(self, user):
        super().__init__(user, WORK / "p11-calls", FULL_LIBRARY, name="bystander")
        if self.ask("open 0") != "CKR_OK":
            raise Failure("the bystander cannot open a session")

    def call(self):
        if not self.ask("slot-info 0").startswith("CKR_OK"):
            raise Failure("the bystander's call fails")


class Register:
    """The register of logins, as files (docs/architecture.md)."""

    def __init__(self, user):
        self.folder = pathlib.Path("/run/user", str(pwd.getpwnam(user).pw_uid), "cps-pkcs11")

    def _names(self):
        return os.listdir(self.folder) if self.folder.is_dir() else []

    def clear(self):
        """Entries of an earlier insertion stay until somebody looks."""
        for name in self._names():
            (self.folder / name).unlink()

    @property
    def counts(self):
        """How many logins there are of programs that run, and of others."""
        living = [runs(int(name.split("-")[6])) for name in self._names() if not name.startswith(".")]
        return living.count(True), living.count(False)

    @property
    def words(self):
        return in_words(*self.counts)


def in_words(logins, orphans):
    """Such as "1 login, 2 orphans"."""
    counts = (logins, "login"), (orphans, "orphan")
    return ", ".join(f"{count} {word}{'s' * (count > 1)}" for count, word in counts if count) or "empty"


def runs(process):
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


class Desk:
    """One card in the reader. Programs that were started here end with it."""

    user = UnprivilegedUser.user

    def __init__(self, kind, *options):
        self.card = Card(kind, *options)
        self.register = Register(self.user)
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        self.register.clear()
        self.stack.enter_context(self.card)
        self.person = UnprivilegedUser("person")
        return self

    def __exit__(self, *_):
        self.stack.close()

    def __str__(self):
        return self.card.kind

    def bystander(self):
        bystander = Bystander(self.person)
        self.stack.callback(bystander.stop)
        return bystander

    def put(self, program_class):
        """A program of this class, logged in, unless it is so for moments only."""
        program = program_class(self)
        self.stack.callback(program.stop)
        if not program.is_brief:
            program.start()
        return program

    # What the card lets a program do that knows no PIN.

    def _stranger(self, function):
        parts = '. "$1/Integration/support/assertions.sh"; . "$1/Security/support/stranger.sh"'
        script = f"set -euo pipefail; {parts}; {function}"
        return subprocess.run(
            ["bash", "-c", script, "stranger", PROJECT / "Tests"], cwd=self.person.home, capture_output=True,
            env=os.environ | {"work": str(WORK), "sample": self.card.kind.lower()}, timeout=30).returncode == 0

    @property
    def state(self):
        """Whether the stranger signs with the signature key."""
        if self._stranger("stranger_signs"):
            return "open"
        return "closed" if self._stranger("card_is_closed") else "unclear"

    # What other programs do.

    def pkcs11_tool(self, *options, pin=PIN, check=True, environment=None, library=FULL_LIBRARY):
        """A program of the same person's that logs in, does something and ends in order."""
        self.person.environment |= environment or {}
        try:
            return self.person.run(
                "pkcs11-tool", "--module", library, "--login", "--pin", pin, *options, check=check)
        finally:
            for name in environment or {}:
                del self.person.environment[name]

    def neighbour(self, action):
        subprocess.run([NEIGHBOUR, READER, action], capture_output=True, timeout=30, check=True)
