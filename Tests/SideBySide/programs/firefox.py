# SPDX-License-Identifier: Apache-2.0
"""Firefox (docs/clients/firefox.md)."""

import firefox
from programs.program import OPEN, Program, Refused
from support.environment import PIN, UnprivilegedUser, url
from support.nss import Database


class Firefox(Program):
    name = "Firefox"
    # It ends by _exit.
    ways = {"quit (_exit)": OPEN, "SIGTERM": OPEN, "kill -9": OPEN}
    pause = 1.2
    cure = "reload"
    browser = None

    def start(self):
        user = UnprivilegedUser("firefox")
        self.browser = firefox.Firefox(user, "side-by-side-firefox", ask=False)
        Database(user, self.browser.profile).set_up_for_browser()
        self.browser.start()
        self.process = self.browser.process
        self.use()

    def use(self):
        visit = self.browser.look(url("TLSv1.2" if self.card.kind == "CPS3" else "TLSv1.3"), [PIN])
        if "Connecté" not in visit.text:
            message = firefox.REFUSED.search(visit.text)
            raise Refused(message.group(0) if message else visit.text)
        return "PIN dialog, page" if visit.questions else "page"

    def end(self, way):
        if way == "quit (_exit)":
            self.browser.quit()
        else:
            super().end(way)

    def stop(self):
        if self.browser:
            self.browser.kill()
