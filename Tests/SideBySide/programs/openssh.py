# SPDX-License-Identifier: Apache-2.0
"""ssh-agent, which holds the card's key (docs/clients/openssh.md)."""

import os
import signal
import subprocess

from programs.program import EITHER, OPEN, Program, Refused
from support.environment import BROWSER_LIBRARY, PIN, wait_until
from support.report import Failure


class SSHAgent(Program):
    name = "ssh-agent"
    # Its helper has the library, and ends by _exit when the agent is gone; with OpenSSH 10 also at `ssh-add -e`.
    ways = {"ssh-add -e (finalize)": EITHER, "SIGTERM": OPEN, "kill -9": OPEN, "kill -9 of its helper": OPEN}
    cure = "`ssh-add -e`, `ssh-add -s`"

    def start(self):
        person = self.desk.person
        home = person.home
        self.socket = home / "agent"
        self.socket.unlink(missing_ok=True)
        askpass = home / "askpass"
        askpass.write_text(f"#!/bin/sh\necho {PIN}\n")
        askpass.chmod(0o755)
        person.environment |= {
            "SSH_AUTH_SOCK": str(self.socket), "SSH_ASKPASS": str(askpass), "SSH_ASKPASS_REQUIRE": "force"}
        (home / "key.pub").write_text(person.run("ssh-keygen", "-D", BROWSER_LIBRARY).stdout)
        (home / "document").write_text("a document")
        self.process = person.start("ssh-agent", "-D", "-a", self.socket, log=home / "agent.log")
        wait_until("the agent listens", self.socket.exists)
        self._run("ssh-add", "-s", BROWSER_LIBRARY)
        self.use()

    def _run(self, *command):
        result = self.desk.person.run(*command, check=False)
        if result.returncode:
            raise Refused(result.stderr.strip().splitlines()[-1].partition(": ")[2] or result.stderr.strip())

    def use(self):
        (self.desk.person.home / "document.sig").unlink(missing_ok=True)
        self._run("ssh-keygen", "-Y", "sign", "-f", "key.pub", "-n", "file", "document")
        return "signature"

    def use_again(self):
        self._run("ssh-add", "-e", BROWSER_LIBRARY)
        self._run("ssh-add", "-s", BROWSER_LIBRARY)
        return self.use()

    def end(self, way):
        match way:
            case "ssh-add -e (finalize)":
                self._run("ssh-add", "-e", BROWSER_LIBRARY)
            case "kill -9 of its helper":
                os.kill(self._helper(), signal.SIGKILL)
                wait_until("the helper ends", lambda: not self._helpers())
            case _:
                helper = self._helper()
                super().end(way)
                wait_until("the helper ends", lambda: not os.path.exists(f"/proc/{helper}"))

    def _helpers(self):
        output = subprocess.run(
            ["ps", "-o", "pid=,stat=", "--ppid", str(self.process.pid)], capture_output=True, text=True).stdout
        return [int(line.split()[0]) for line in output.splitlines() if "Z" not in line.split()[1]]

    def _helper(self):
        helpers = self._helpers()
        if len(helpers) != 1:
            raise Failure(f"ssh-agent has {len(helpers)} helpers")
        return helpers[0]
