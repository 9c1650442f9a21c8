"""Mozilla's remote control protocol: length, colon, JSON, over a local socket.

Only what is needed here: scripts in the program's own rights ("chrome"), scripts
in the page, and screenshots.
"""

import base64
import json
import socket


class MarionetteError(Exception):
    pass


class Marionette:
    def __init__(self, port, timeout=45):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
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
        self.call("Marionette:SetContext", {"value": "chrome"})
        return self._execute(script, arguments)

    def page(self, script, *arguments):
        """Runs a script in the page."""
        self.call("Marionette:SetContext", {"value": "content"})
        return self._execute(script, arguments)

    def _execute(self, script, arguments):
        return self.call(
            "WebDriver:ExecuteScript",
            {"script": script, "args": list(arguments), "newSandbox": True, "sandbox": "system"
             if self._context == "chrome" else "default"})["value"]

    @property
    def _context(self):
        return self.call("Marionette:GetContext")["value"]

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
