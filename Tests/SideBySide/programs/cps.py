# SPDX-License-Identifier: Apache-2.0
"""The command cps, which is logged in for moments: the card is slow, so that it can be caught there."""

import subprocess

from programs.program import CLOSED, EITHER, Program, Refused
from support.environment import PIN, WORK, wait_until


class Command(Program):
    is_brief = True
    card_options = ("--latency", "20,0,200")
    ways = {"its end (exit)": CLOSED, "SIGTERM": CLOSED, "kill -9": EITHER}
    cure = "run again"

    def words(self):
        """The command's arguments; the PIN comes on standard input."""
        raise NotImplementedError

    def start(self):
        before = self.card.verifications()
        self.log = self.desk.person.home / "cps.log"
        self.log.unlink(missing_ok=True)
        self.process = self.desk.person.start(WORK / "cps", *self.words(), log=self.log, stdin=subprocess.PIPE)
        self.process.stdin.write(PIN.encode() + b"\n")
        self.process.stdin.close()
        wait_until("cps presents the PIN", lambda: self.card.verifications() > before, interval=0.01)

    def use(self):
        """Until its end."""
        self.wait()
        if self.process.returncode:
            raise Refused(next(line for line in self.log.read_text().splitlines() if line.startswith("cps: "))[5:])
        return "done"

    def use_again(self):
        self.start()
        return self.use()

    def end(self, way):
        if way == "its end (exit)":
            self.use()
        else:
            super().end(way)


class Info(Command):
    name = "`cps info --pin`"

    def words(self):
        return ["info", "--pin-stdin"]


class Sign(Command):
    name = "`cps sign`"

    def words(self):
        document = self.desk.person.home / "report.pdf"
        document.write_text("a document")
        return ["sign", "--pin-stdin", "--force", document]
