# SPDX-License-Identifier: Apache-2.0
"""Thunderbird signs a message (docs/clients/thunderbird.md)."""

import contextlib

import thunderbird
from programs.program import OPEN, Program, Refused
from support.environment import PIN, UnprivilegedUser
from support.nss import Database


class Thunderbird(Program):
    name = "Thunderbird"
    # It ends by _exit.
    ways = {"quit (_exit)": OPEN, "SIGTERM": OPEN, "kill -9": OPEN}
    pause = 1.2
    cure = "sent once more"

    def __init__(self, desk):
        super().__init__(desk)
        self.stack = contextlib.ExitStack()

    def start(self):
        user = UnprivilegedUser("thunderbird")
        mailbox, port = self.stack.enter_context(thunderbird.mail_server())
        self.thunderbird = thunderbird.Thunderbird(user, "side-by-side-thunderbird", port)
        self.stack.callback(self.thunderbird.kill)
        thunderbird.register(Database(user, self.thunderbird.profile))
        self.person = thunderbird.Scenarios(self.thunderbird, mailbox, None)
        self.person.start()
        self.process = self.thunderbird.process
        self.person.choose(self.card)
        self.use()

    def use(self):
        message = self.person.try_to_send([PIN], self.card.kind.lower())
        events = self.person.seen["events"]
        if message is None:
            raise Refused(next(event["text"] for event in events if event["kind"] == "message"))
        asked = any(event["kind"] == "password" for event in events)
        return "PIN dialog, message sent" if asked else "message sent"

    def end(self, way):
        if way == "quit (_exit)":
            self.thunderbird.quit()
        else:
            super().end(way)

    def stop(self):
        self.stack.close()
