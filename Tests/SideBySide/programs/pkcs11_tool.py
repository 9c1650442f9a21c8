# SPDX-License-Identifier: Apache-2.0
"""pkcs11-tool, which waits for what it is to sign when it is logged in already."""

import os

from desk import SIGNATURE_KEY
from programs.program import CLOSED, OPEN, Program, Refused
from support.environment import FULL_LIBRARY, PIN, wait_until


class PKCS11Tool(Program):
    name = "pkcs11-tool"
    ways = {"its end (finalize)": CLOSED, "SIGTERM": OPEN, "kill -9": OPEN}
    cure = "run again"
    count = 0
    write = None

    def start(self):
        PKCS11Tool.count += 1
        home = self.desk.person.home
        self.input = home / f"input-{PKCS11Tool.count}"
        self.log = home / f"pkcs11-tool-{PKCS11Tool.count}.log"
        os.mkfifo(self.input, 0o666)
        os.chmod(self.input, 0o666)
        self.process = self.desk.person.start(
            "pkcs11-tool", "--module", FULL_LIBRARY, "--login", "--pin", PIN, "--sign", "--mechanism", "RSA-PKCS",
            "--label", SIGNATURE_KEY, "--input-file", self.input, "--output-file", "/dev/null", log=self.log)
        # The key was found, so it is logged in; now it opens its input.
        self.write = wait_until("pkcs11-tool waits for its input", self._open)

    def _open(self):
        if self.process.poll() is not None:
            raise Refused(self.log.read_text())
        try:
            return os.open(self.input, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return None

    def use(self):
        if self.process.poll() is not None:
            self.start()
        os.write(self.write, bytes(32))
        os.close(self.write)
        self.write = None
        self.wait()
        if self.process.returncode:
            raise Refused(next(line for line in self.log.read_text().splitlines() if "CKR_" in line))
        return "signature"

    def end(self, way):
        if way == "its end (finalize)":
            self.use()
        else:
            super().end(way)

    def stop(self):
        super().stop()
        if self.write:
            os.close(self.write)
            self.write = None
