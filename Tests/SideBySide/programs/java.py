# SPDX-License-Identifier: Apache-2.0
"""A program in Java (docs/clients/java.md): Tests/Clients/programs/CardClient.java, which runs all day."""

from desk import Conversation
from programs.program import CLOSED, OPEN, Program, Refused
from support.environment import FULL_LIBRARY, HIERARCHY, PIN, SERVER_PORTS, WORK


class Java(Program):
    name = "Java"
    ways = {"end of main (exit)": CLOSED, "logout": CLOSED, "halt": CLOSED, "SIGTERM": CLOSED, "kill -9": OPEN}
    cure = "`load` and the PIN"

    def start(self):
        person = self.desk.person
        (person.home / "cps.cfg").write_text(f"name = CPS\nlibrary = {FULL_LIBRARY}\nslotListIndex = 0\n")
        server = "TLSv1.2" if self.card.kind == "CPS3" else "TLSv1.3"
        self.conversation = Conversation(
            person, "java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", WORK / "java", "CardClient", "serve", PIN,
            SERVER_PORTS[server], person.copy(HIERARCHY / "roots.pem"), name="java")
        self.process = self.conversation.process
        self.use()

    def use(self):
        self._ask("sign")
        return "signature"

    def _ask(self, line):
        answer = self.conversation.ask(line, timeout=60)
        if answer != "done":
            # The first and the last cause.
            causes = answer.removeprefix("failed: ").split(": ")
            raise Refused(f"{causes[0].rpartition('.')[2]}: {causes[-1]}")

    def use_again(self):
        self._ask("load")
        return self.use()

    def end(self, way):
        match way:
            case "end of main (exit)":
                self.process.stdin.close()
                self.wait()
            case "logout":
                self._ask("logout")
            case "halt":
                self.process.stdin.write(b"halt\n")
                self.process.stdin.flush()
                self.wait()
            case _:
                super().end(way)
