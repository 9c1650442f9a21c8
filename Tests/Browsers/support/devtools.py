# SPDX-License-Identifier: Apache-2.0
"""Chromium's remote control through two pipes: JSON messages that end with NUL."""

import fcntl
import itertools
import json
import os
import select
import time


class DevToolsError(Exception):
    pass


def _move_up(descriptor):
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved


class DevTools:
    def __init__(self):
        # Above 3 and 4, which Chromium wants them to be.
        self.their_input, self._write = map(_move_up, os.pipe())
        self._read, self.their_output = map(_move_up, os.pipe())
        self.numbers = itertools.count(1)
        self.buffer = b""
        self.answers = {}
        self.session = None

    def started(self):
        """The browser has its ends of the pipes: ours alone stay open."""
        os.close(self.their_input)
        os.close(self.their_output)

    def close(self):
        os.close(self._read)
        os.close(self._write)

    def send(self, method, **parameters):
        """Says it and does not wait; the number that the answer will have."""
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        return number

    def call(self, method, timeout=20, **parameters):
        number = self.send(method, **parameters)
        end = time.monotonic() + timeout
        while number not in self.answers:
            self._receive(end - time.monotonic(), method)
        answer = self.answers.pop(number)
        if "error" in answer:
            raise DevToolsError(f"{method}: {answer['error'].get('message')}")
        return answer["result"]

    def answered(self, number):
        """The answer to what was sent, if it is there by now; else None."""
        while number not in self.answers and select.select([self._read], [], [], 0)[0]:
            self._receive(0, "an answer")
        return self.answers.pop(number, None)

    def attach(self, timeout=30):
        """To the first tab."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            for target in self.call("Target.getTargets", timeout)["targetInfos"]:
                if target["type"] == "page":
                    self.session = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
                    return
            time.sleep(0.1)
        raise TimeoutError("Chromium has no tab")

    def evaluate(self, expression):
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def _receive(self, timeout, what):
        ready, _, _ = select.select([self._read], [], [], max(timeout, 0))
        if not ready:
            raise TimeoutError(f"{what}: no answer")
        data = os.read(self._read, 65536)
        if not data:
            raise DevToolsError(f"{what}: Chromium closed the pipe")
        *messages, self.buffer = (self.buffer + data).split(b"\0")
        for message in map(json.loads, messages):
            if "id" in message:
                self.answers[message["id"]] = message
