# SPDX-License-Identifier: Apache-2.0
"""What all programs of the tables have in common."""

import signal
import subprocess

from support.environment import stop

# What is left right after a program's end: a closed card, an open one with an orphan in the
# register, or either, as it depends on the moment.
CLOSED, OPEN, EITHER = "closed", "open", "either"


class Refused(Exception):
    """The program does not do what it is asked to; the text is what the person sees."""


class Program:
    """A program that is logged in to the card of a desk."""

    name = ""
    # Each way to end: what is left of the login. The first is the ordinary one.
    ways = {}
    # Options of cps-virtual-card insert, for programs that are logged in for a moment only.
    card_options = ()
    # Whether it is logged in only while it works, so that things happen meanwhile.
    is_brief = False
    # How many of its processes have a login, of which the last one runs, and present a PIN at
    # the start.
    processes = 1
    # NSS asks for a session's state anew only after a second.
    pause = 0
    # What a person does when it refuses; it is what the page of docs/clients says.
    cure = "once more"

    def __init__(self, desk):
        self.desk = desk
        self.card = desk.card
        self.process = None

    def start(self):
        """Starts it and logs in."""
        raise NotImplementedError

    def use(self):
        """Uses a key; what the person sees. Typed PINs are counted by the card.

        Raises Refused."""
        raise NotImplementedError

    def use_again(self):
        """What a person does after a refusal."""
        return self.use()

    def is_over(self):
        """Whether it has ended."""
        return self.process is not None and self.process.poll() is not None

    def end(self, way):
        """Ends it in one of its ways, and waits until it is gone."""
        number = {"SIGTERM": signal.SIGTERM, "SIGINT": signal.SIGINT, "kill -9": signal.SIGKILL}.get(way)
        if number is None:
            raise ValueError(way)
        self.kill(number)

    def kill(self, number):
        self.process.send_signal(number)
        self.wait()

    def wait(self, patience=30):
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"{self.name} does not end") from error

    def stop(self):
        stop(self.process, patience=5)
