# SPDX-License-Identifier: Apache-2.0
"""What a desktop runs beside a person's programs: GNOME's gsd-smartcard, which watches the card
from login to logout; a program with p11-kit's proxy; and gpg's scdaemon, which wants a reader
for itself.

run.sh enters the library where they look for it: in /etc/pki/nssdb (gsd-smartcard of Debian 12) and
as p11-kit's only module (that of Debian 13, and the proxy).
"""

import glob
import os
import sys
import time

from desk import Conversation, Desk, SIGNATURE_KEY
from support.environment import FULL_LIBRARY, WORK, stop, wait_until
from support.report import Failure, Report, contains, equal

PROXY = glob.glob("/usr/lib/*/p11-kit-proxy.so")[0]
# How long nothing happens, in seconds, and how much processor time is nothing then.
IDLE = 4
LITTLE = 0.2


class GSDSmartcard:
    """GNOME's watcher, on a bus of its own."""

    def __init__(self, desk):
        self.desk = desk
        self.bus = desk.person.start(
            "dbus-run-session", "--", glob.glob("/usr/libexec/gsd-smartcard")[0], log=desk.person.home / "gsd.log")
        desk.stack.callback(stop, self.bus)
        self.process = wait_until("gsd-smartcard has the library", self._process)
        with open(f"/proc/{self.process}/maps") as maps:
            self.has_nss = "libnss3.so" in maps.read()

    def _process(self):
        for maps in glob.glob("/proc/[0-9]*/maps"):
            try:
                with open(maps.replace("maps", "comm")) as name, open(maps) as file:
                    if name.read().startswith("gsd-smartcard") and FULL_LIBRARY in file.read():
                        return int(maps.split("/")[2])
            except OSError:
                continue
        return None


class ProxyProgram(Conversation):
    """A program that has p11-kit's proxy initialised, and no session."""

    def __init__(self, desk):
        super().__init__(desk.person, WORK / "p11-calls", PROXY, name="proxy")
        desk.stack.callback(self.stop)
        contains(self.ask("count-slots"), "CKR_OK", "the slots of the proxy")


def processor_seconds(process):
    with open(f"/proc/{process}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Desktop:
    def __init__(self, desk):
        self.desk = desk
        self.card = desk.card
        self.watcher = None
        self.proxy = None

    def commands(self):
        """How many the card has got."""
        return self.card.trace.read_text().count(" > ")

    def settle(self):
        """Nobody has sent a command for a second."""
        seen = [None]

        def quiet():
            before, seen[0] = seen[0], self.commands()
            return before == seen[0]

        wait_until("the card is left alone", quiet, interval=1)

    def starts(self):
        self.watcher = GSDSmartcard(self.desk)
        self.proxy = ProxyProgram(self.desk)
        self.settle()

    def shows_one_token(self):
        listing = self.desk.person.run("p11tool", "--list-token-urls").stdout
        equal(1, listing.count("manufacturer=ASIP%20SANTE"), "tokens of p11-kit")

    def is_idle(self):
        """No command to the card, and next to no processor time."""
        processes = self.watcher.process, self.proxy.process.pid
        before, commands = [processor_seconds(process) for process in processes], self.commands()
        time.sleep(IDLE)
        equal(0, self.commands() - commands, "commands to the card")
        spent = [processor_seconds(process) - start for process, start in zip(processes, before)]
        if max(spent) > LITTLE:
            raise Failure(f"processor seconds in {IDLE} idle ones: {spent}")
        return f"processor seconds in {IDLE} idle ones: {spent}"

    def asks_once(self, library):
        """A program logs in, signs and ends, and the card is closed."""
        before = self.card.verifications()
        document = self.desk.person.home / "document"
        document.write_bytes(bytes(32))
        self.desk.pkcs11_tool(
            "--token-label", self.card.label, "--sign", "--mechanism", "RSA-PKCS", "--label", SIGNATURE_KEY,
            "--input-file", document, "--output-file", self.desk.person.home / "signature", library=library)
        equal(1, self.card.verifications() - before, "PINs sent to the card")
        equal("closed", self.desk.state, "the card for a program without a PIN")
        equal("empty", self.desk.register.words, "the register")

    def scdaemon(self, *options):
        """What it says of its first reader."""
        home = self.desk.person.folder("gnupg")
        home.chmod(0o700)
        log = home / "scdaemon.log"
        log.unlink(missing_ok=True)
        self.desk.person.run(
            glob.glob("/usr/lib/gnupg/scdaemon")[0], "--homedir", home, "--server", "--disable-ccid", "--debug-level",
            "guru", "--log-file", log, *options, typed="SERIALNO\nBYE\n", check=False)
        return log.read_text()

    def shares_the_reader(self):
        """NSS keeps a session, and with it the reader, in the watcher of Debian 12; that of Debian 13 has none."""
        if self.watcher.has_nss:
            equal(True, "sharing violation" in self.scdaemon(), "whether scdaemon is refused")
        else:
            self.gets_the_reader()
        self.gets_the_reader("--pcsc-shared")

    def gets_the_reader(self, *options):
        # pcscd has to notice who is gone.
        wait_until("scdaemon gets the reader", lambda: "active protocol" in self.scdaemon(*options), interval=0.5)

    def leaves_the_reader(self):
        stop(self.watcher.bus)
        self.gets_the_reader()
        contains(self.proxy.ask("count-slots"), "CKR_OK", "the slots of the proxy")


def main():
    report = Report("desktop")
    for kind in "CPS3", "CPS4":
        with Desk(kind) as desk:
            desktop = Desktop(desk)

            def check(words, test, *arguments, kind=kind):
                return report.check(f"{kind}: {words}", test, *arguments)

            if not check("gsd-smartcard and a program with p11-kit's proxy start", desktop.starts):
                continue
            check("one token", desktop.shows_one_token)
            check("idle: no command, no processor time", desktop.is_idle)
            check("beside them a program asks for one PIN, and closes the card", desktop.asks_once, FULL_LIBRARY)
            check("the same through the proxy", desktop.asks_once, PROXY)
            check("gpg gets the reader beside gsd-smartcard, by pcsc-shared at least", desktop.shares_the_reader)
            check("without a session the reader is free for gpg", desktop.leaves_the_reader)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
