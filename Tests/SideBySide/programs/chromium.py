# SPDX-License-Identifier: Apache-2.0
"""Chromium (docs/clients/chromium.md), on a screen that nobody sees."""

import contextlib

import chromium
from programs.program import CLOSED, OPEN, Program, Refused
from support.environment import PIN, UnprivilegedUser, url
from support.nss import Database
from support.screen import Screen


class Chromium(Program):
    name = "Chromium"
    ways = {"quit (exit)": CLOSED, "SIGTERM": OPEN, "kill -9": OPEN}
    pause = 1.2
    cure = "reload"

    def __init__(self, desk):
        super().__init__(desk)
        self.stack = contextlib.ExitStack()

    def start(self):
        user = UnprivilegedUser("chromium")
        Database(user, user.folder(".pki", "nssdb")).set_up_for_browser()
        chromium.choose_without_asking()
        screen = self.stack.enter_context(Screen(user))
        self.browser = self.stack.enter_context(chromium.Chromium(user, screen))
        self.process = self.browser.process
        self.use()

    def use(self):
        text = self.browser.look_with_key(self.card, url("TLSv1.2" if self.card.kind == "CPS3" else "TLSv1.3"), [PIN])
        if "Connecté" not in text:
            message = chromium.REFUSED.search(text)
            raise Refused(message.group(0) if message else text)
        return "PIN dialog, page" if self.browser.asked else "page"

    def end(self, way):
        if way == "quit (exit)":
            self.browser.quit()
        else:
            super().end(way)

    def stop(self):
        self.stack.close()
