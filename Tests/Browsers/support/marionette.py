# SPDX-License-Identifier: Apache-2.0
"""Mozilla's remote control protocol: length, colon, JSON, over a local socket.

Only what is needed here: scripts in the program's own rights ("chrome"), scripts
in the page, and screenshots.
"""

import base64
import json
import socket
import time


class MarionetteError(Exception):
    pass


class Marionette:
    def __init__(self, port, timeout=45):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.timeout = timeout
        self.buffer = b""
        self.number = 0
        self._receive()
        # A dialog is ours to answer: the protocol must not dismiss it.
        self.call("WebDriver:NewSession", {"unhandledPromptBehavior": "ignore"})
        self.call("WebDriver:SetTimeouts", {"script": timeout * 1000})

    def call(self, command, parameters=None):
        self.number += 1
        data = json.dumps([0, self.number, command, parameters or {}]).encode()
        self.socket.sendall(b"%d:%s" % (len(data), data))
        while True:
            answer = self._receive()
            if answer[0] == 1 and answer[1] == self.number:
                break
        if answer[2]:
            raise MarionetteError(f"{command}: {answer[2].get('error')}: {answer[2].get('message')}")
        return answer[3]

    def chrome(self, script, *arguments):
        """Runs a script with the program's own rights; what it returns."""
        return self._execute("chrome", "system", script, arguments)

    def page(self, script, *arguments):
        """Runs a script in the page."""
        return self._execute("content", "default", script, arguments)

    def value(self, script, *arguments):
        """Like chrome, of a script that never says null: a dialog that opens meanwhile makes it say so."""
        end = time.monotonic() + self.timeout
        while (value := self.chrome(script, *arguments)) is None:
            if time.monotonic() > end:
                raise MarionetteError("the script says nothing")
            time.sleep(0.1)
        return value

    def _execute(self, context, sandbox, script, arguments):
        end = time.monotonic() + self.timeout
        while True:
            try:
                self.call("Marionette:SetContext", {"value": context})
                return self.call("WebDriver:ExecuteScript", {
                    "script": script, "args": list(arguments), "newSandbox": True, "sandbox": sandbox})["value"]
            except MarionetteError as error:
                # A dialog is open: no script runs until the assistant has answered it.
                if "unexpected alert open" not in str(error) or time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def screenshot(self, path, context):
        self.call("Marionette:SetContext", {"value": context})
        value = self.call("WebDriver:TakeScreenshot", {"full": False, "hash": False})["value"]
        path.write_bytes(base64.b64decode(value))

    def close(self):
        self.socket.close()

    def _receive(self):
        while b":" not in self.buffer:
            self._more()
        length, _, self.buffer = self.buffer.partition(b":")
        while len(self.buffer) < int(length):
            self._more()
        data, self.buffer = self.buffer[: int(length)], self.buffer[int(length):]
        return json.loads(data)

    def _more(self):
        data = self.socket.recv(65536)
        if not data:
            raise MarionetteError("the program closed the connection")
        self.buffer += data
