# SPDX-License-Identifier: Apache-2.0
"""A virtual screen (Xvfb) with keyboard input (xdotool)."""

import os
import subprocess

from support.environment import OUTPUT, WORK, stop


class Screen:
    def __init__(self, user):
        self.user = user
        read, write = os.pipe()
        self.server = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "Xvfb", "-displayfd", str(write), "-screen", "0", "1280x900x24",
             "-nolisten", "tcp", "-ac"],
            pass_fds=[write], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=open(WORK / "xvfb.log", "ab"), start_new_session=True)
        os.close(write)
        with os.fdopen(read) as pipe:
            self.display = ":" + pipe.readline().strip()
        user.environment["DISPLAY"] = self.display

    def __enter__(self):
        return self

    def __exit__(self, *_):
        stop(self.server)

    def _run(self, *command, check=True):
        return subprocess.run(
            command, env=os.environ | {"DISPLAY": self.display}, capture_output=True, text=True, timeout=20,
            check=check).stdout

    def windows(self):
        """The visible windows: number and title."""
        numbers = self._run("xdotool", "search", "--onlyvisible", "--name", "", check=False).split()
        return {int(number): self._run("xdotool", "getwindowname", number, check=False).strip() for number in numbers}

    def press(self, window, *keys):
        self._run("xdotool", "windowfocus", "--sync", str(window), check=False)
        self._run("xdotool", "key", "--clearmodifiers", *keys)

    def type(self, window, text):
        self._run("xdotool", "windowfocus", "--sync", str(window), check=False)
        self._run("xdotool", "type", "--clearmodifiers", "--delay", "30", text)

    def picture(self, name):
        path = OUTPUT / f"{name}.png"
        self._run("import", "-window", "root", str(path))
        return path
