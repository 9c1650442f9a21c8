# SPDX-License-Identifier: Apache-2.0
"""stunnel as the tunnel to the DMP (docs/clients/stunnel.md)."""

import os
import re
import signal
import socket
import urllib.error
import urllib.request

from desk import runs
from programs.program import CLOSED, OPEN, Program, Refused
from support.environment import FULL_LIBRARY, HIERARCHY, PIN, SERVER_PORTS, wait_until

CONFIGURATION = """\
foreground = {foreground}
pid = {number}
output = {log}
debug = info
engine = pkcs11
engineCtrl = MODULE_PATH:{library}
[dmp]
client = yes
engineNum = 1
sessionResume = no
accept = 127.0.0.1:{entrance}
connect = 127.0.0.1:{server}
checkHost = localhost
verifyChain = yes
CAfile = {authorities}
cert = pkcs11:object=Certificat%20d%27Authentification%20CPS;type=cert
key = pkcs11:object=CPS_PRIV_AUT;type=private;pin-value={pin}
"""
# A CPS3 cannot do RSA-PSS.
CURE = """\
config = SignatureAlgorithms:RSA+SHA256:RSA+SHA384:RSA+SHA512
sslVersionMax = TLSv1.2
"""


class Stunnel(Program):
    name = "stunnel"
    foreground = "yes"
    ways = {"SIGTERM": CLOSED, "SIGINT": CLOSED, "kill -9": OPEN}
    cure = "started again"

    def start(self):
        person = self.desk.person
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.entrance = free.getsockname()[1]
        self.log = person.home / "stunnel.log"
        for file in self.log, person.home / "stunnel.pid":
            file.unlink(missing_ok=True)
        text = CONFIGURATION.format(
            foreground=self.foreground, number=person.home / "stunnel.pid", log=self.log, library=FULL_LIBRARY,
            entrance=self.entrance, server=SERVER_PORTS["any"], pin=PIN,
            authorities=person.copy(HIERARCHY / "roots.pem"))
        if self.card.kind == "CPS3":
            text += CURE
        configuration = person.home / "stunnel.conf"
        configuration.write_text(text)
        self.process = person.start("stunnel4", configuration, log=person.home / "stunnel.out")
        wait_until("stunnel is ready", self._ready)
        self.use()

    def _ready(self):
        if self.process.poll():
            raise Refused(self._reason())
        return self.log.exists() and "Configuration successful" in self.log.read_text()

    def use(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.entrance}/", timeout=20) as answer:
                answer.read()
        except (OSError, urllib.error.URLError) as error:
            raise Refused(f"no answer; in its log: {self._reason()}") from error
        return "page"

    def _reason(self):
        return (re.findall(r"error:[0-9A-F]+:PKCS#11 module:[^:]*:(.*)", self.log.read_text()) or ["nothing"])[0]

    def use_again(self):
        self.end("SIGTERM")
        self.start()
        return "page"


class StunnelDaemon(Stunnel):
    """In the background: its first process logs in and goes by _exit, and its child logs in anew."""

    name = "stunnel, a daemon"
    foreground = "no"
    processes = 2
    daemon = None

    def _ready(self):
        number = self.desk.person.home / "stunnel.pid"
        if not super()._ready() or not number.exists():
            return False
        self.daemon = int(number.read_text())
        return True

    def is_over(self):
        return not runs(self.daemon)

    def kill(self, number):
        os.kill(self.daemon, number)
        wait_until("the daemon ends", self.is_over)

    def stop(self):
        if self.daemon and not self.is_over():
            self.kill(signal.SIGKILL)
        super().stop()
