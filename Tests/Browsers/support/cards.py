# SPDX-License-Identifier: Apache-2.0
"""Virtual cards in the first slot of the private pcscd's reader."""

import os
import re
import subprocess
import time

from support.environment import HIERARCHY, PROJECT, READER_PORT, VIRTUAL_CARD, WORK, wait_until

PROFILES = PROJECT / "Sources" / "cps-virtual-card" / "Profiles"


def let_nss_look():
    """After a card was put in while a program runs. NSS asks a reader for its state once a second at most. A page that
    comes earlier gets no certificate, since NSS goes on with what it saw before: no card, or the card before this one."""
    time.sleep(1.5)


class Card:
    """A card that keeps its counters while it is out of the reader."""

    KINDS = {
        "CPS3": ("doctor-cps3", "t0", "99213845", "CPS3v3-2600000001"),
        "CPS4": ("doctor-cps4", "t1", "99214001", "CPS4v1-2600000004"),
    }
    count = 0

    def __init__(self, kind, *options):
        """`options` are those of cps-virtual-card insert."""
        Card.count += 1
        self.kind = kind
        self.options = options
        self.profile, self.protocol, serial, self.label = self.KINDS[kind]
        self.issued = HIERARCHY / "cards" / serial
        self.holder = "TEST DOC0073574"
        # Several programs of one run make cards in this folder.
        own = f"card-{os.getpid()}-{Card.count}"
        self.state = WORK / f"{own}.state"
        self.trace = WORK / f"{own}.trace"
        self.process = None

    def __enter__(self):
        self.insert()
        return self

    def __exit__(self, *_):
        self.remove()

    def insert(self):
        output = WORK / "card.log"
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", VIRTUAL_CARD, "insert",
             "--profile", PROFILES / f"{self.profile}.json", "--protocol", self.protocol,
             "--hierarchy", HIERARCHY, "--port", str(READER_PORT),
             "--state", self.state, "--trace", self.trace, *self.options],
            stdin=subprocess.DEVNULL, stdout=open(output, "wb"), stderr=subprocess.STDOUT)

        def seen():
            if self.process.poll() is not None:
                raise RuntimeError(f"the card ended: {output.read_text()}")
            return self._present() == "Yes"

        wait_until("the reader sees the card", seen)

    def remove(self):
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            self.process = None
            wait_until("the reader sees that the card is gone", lambda: self._present() == "No")

    @staticmethod
    def _present():
        listing = subprocess.run(["opensc-tool", "--list-readers"], capture_output=True, text=True, timeout=20).stdout
        for line in listing.splitlines():
            words = line.split()
            if words[:1] == ["0"]:
                return words[1]
        return None

    @property
    def tries(self):
        """How many tries of the PIN the card itself has left."""
        if not self.state.exists():
            return 3
        return int(re.search(r'"pinTriesLeft"\s*:\s*(\d+)', self.state.read_text()).group(1))

    def serial(self, key):
        """The serial number of the certificate `authentication` or `signature`."""
        output = subprocess.run(
            ["openssl", "x509", "-in", self.issued / f"{key}.cert.pem", "-noout", "-serial"],
            capture_output=True, text=True, check=True).stdout
        return output.strip().partition("=")[2].upper()

    def verifications(self):
        """How many VERIFY commands with a PIN the card has seen."""
        return self._count("20 00 [0-9A-F]{2} [0-9A-F*]{2}")

    def key_operations(self):
        """How many times the card was asked to use a private key."""
        return self._count("(?:2A|88) ")

    def _count(self, command):
        if not self.trace.exists():
            return 0
        return len(re.findall(rf"^\S+ > [0-9A-F]{{2}} {command}", self.trace.read_text(), re.M))
