# SPDX-License-Identifier: Apache-2.0
"""Chromium logs in with the card: module in the user's NSS database.

Chromium has dialogs in a window only, and nothing but hands answers them: it runs
on a screen that nobody sees, and the keyboard is xdotool's.
"""

import contextlib
import functools
import json
import pathlib
import re
import subprocess
import sys
import time

from support.cards import Card, let_nss_look
from support.devtools import DevTools, DevToolsError
from support.environment import BROWSER_LIBRARY, OUTPUT, PIN, UnprivilegedUser, WRONG_PIN, stop, url, wait_until
from support.neighbour import EVENTS, Watch, meanwhile, not_much_slower, registered_for, stopped_pcscd
from support.nss import Database
from support.report import Failure, Report, contains, equal
from support.screen import Screen
from support.site import forget_requests, nobody_logged_in, presented

POLICIES = pathlib.Path("/etc/chromium/policies/managed/cps.json")
REFUSED = re.compile(r"No required SSL certificate|ERR_[A-Z_]+")

PAGE = "window.before || document.readyState != 'complete' ? null : document.documentElement.innerText"


class Chromium:
    """A running Chromium; one that answered a question wrongly remembers it until its end."""

    visits = 0

    def __init__(self, user, screen, chooser=False, switches=()):
        self.user = user
        self.screen = screen
        self.switches = switches
        self.chooser = chooser

    def __enter__(self):
        self.tools = DevTools()
        ends = [self.tools.their_input, self.tools.their_output]
        self.process = self.user.start(
            "bash", "-c", f'exec 3<&{ends[0]} 4>&{ends[1]} {ends[0]}<&- {ends[1]}>&-; exec chromium "$@"', "chromium",
            "--remote-debugging-pipe", f"--user-data-dir={self.user.folder('chromium')}", "--no-first-run",
            "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
            "--disable-features=Translate", "--password-store=basic", "--window-size=1200,800", *self.switches, "about:blank",
            log=OUTPUT / "chromium.log", pass_fds=ends)
        self.tools.started()
        try:
            self.tools.attach()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        stop(self.process, patience=5)
        self.tools.close()

    def quit(self):
        self.tools.session = None
        with contextlib.suppress(DevToolsError):
            self.tools.call("Browser.close")
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError("Chromium does not end") from error

    def pin_dialog(self):
        for window, title in self.screen.windows().items():
            if "Security Device" in title:
                return window
        return None

    def visit(self, address, answers=(), picture=None, look=None):
        """Opens the page by `look`; answers the PIN dialogs (None: Cancel), no more and no fewer. What the page says."""
        state = (look or self.look)(address, answers, picture)
        if self.asked < len(answers):
            raise Failure(f"asked for the PIN {self.asked} time(s), {len(answers) - self.asked} too few: {state}")
        return state

    def look_with_key(self, card, address, answers=(), picture=None):
        """As `look`, until the card has used a key for the page. A page over a spare connection, from before, needs
        none and says nothing of the card."""
        before = card.key_operations()
        for _ in range(4):
            text = self.look(address, answers, picture)
            if "Connecté" not in text or card.key_operations() > before:
                break
        return text

    def look(self, address, answers=(), picture=None, timeout=60):
        """Opens the page; answers the PIN dialogs, as far as the answers reach. What the page says."""
        Chromium.visits += 1
        answers = list(answers)
        asked = 0
        chosen = not self.chooser
        self.tools.evaluate("window.before = true")
        self.tools.send("Page.navigate", url=f"{address}?{Chromium.visits}")
        # Chromium answers this only when it no longer waits for the site.
        question = None
        end = time.monotonic() + timeout
        while True:
            if self.process.poll() is not None:
                raise Failure(f"Chromium ended with {self.process.returncode}")
            if time.monotonic() > end:
                raise TimeoutError(f"{address}: neither page nor message within {timeout} s; asked {asked} time(s)")
            dialog = self.pin_dialog()
            if dialog:
                asked += 1
                time.sleep(0.3)
                if picture:
                    self.screen.picture(f"chromium-{picture}-{asked}-pin")
                answer = answers.pop(0) if answers else None
                if answer is None:
                    self.screen.press(dialog, "Escape")
                else:
                    self.screen.type(dialog, answer + "\n")
                wait_until("the PIN dialog closes", lambda: self.pin_dialog() != dialog, 10)
                chosen = True
                continue
            if not chosen and asked == 0:
                # The certificate dialog is part of the browser's window.
                time.sleep(1.2)
                window = next(number for number, title in self.screen.windows().items() if "Chromium" in title)
                if picture:
                    self.screen.picture(f"chromium-{picture}-certificate")
                self.screen.press(window, "Return")
                chosen = True
            question = question or self.tools.send("Runtime.evaluate", expression=PAGE, returnByValue=True)
            answer = self.tools.answered(question)
            if answer:
                question = None
            state = answer and answer.get("result", {}).get("result", {}).get("value")
            if state:
                if picture:
                    self.screen.picture(f"chromium-{picture}-page")
                self.asked = asked
                return state
            time.sleep(0.1)


class Scenarios:
    def __init__(self, user, screen, report):
        self.user = user
        self.screen = screen
        self.report = report
        self.switches = []
        self.start_time = 0.0

    def login(self, chromium, card, server, version, answers, picture, past_spare_connections=False):
        forget_requests()
        look = functools.partial(chromium.look_with_key, card) if past_spare_connections else chromium.look
        text = chromium.visit(url(server), answers, f"{card.kind.lower()}-{picture}", look=look)
        contains(text, f"Connecté : {card.holder}", "the page")
        presented(card, version)
        equal(3, card.tries, "tries of the PIN left")
        equal(len(answers), chromium.asked, "questions for the PIN")
        return f"asked {chromium.asked} time(s) for the PIN"

    def refused(self, chromium, card, server, answers, tries, verifications, picture):
        forget_requests()
        before = card.verifications()
        text = chromium.visit(url(server), answers, f"{card.kind.lower()}-{picture}")
        message = REFUSED.search(text)
        if not message or "Connecté" in text:
            raise Failure(f"no clear message: {text!r}")
        equal(tries, card.tries, "tries of the PIN left")
        equal(verifications, card.verifications() - before, "PINs sent to the card")
        nobody_logged_in()
        return f"{message.group(0)}, asked {chromium.asked} time(s) for the PIN"

    def check(self, name, test, *arguments):
        """In a Chromium that is already there, if that is the first argument, else in a new one."""
        if arguments and isinstance(arguments[0], Chromium):
            return self.report.check(name, test, *arguments)

        def with_new_one():
            with Chromium(self.user, self.screen, switches=self.switches) as chromium:
                return test(chromium, *arguments)

        return self.report.check(name, with_new_one)

    @staticmethod
    def reinsert(card):
        card.remove()
        card.insert()
        let_nss_look()

    def asks_again(self, chromium, card, event):
        meanwhile(event)
        watch = Watch()
        self.login(chromium, card, "TLSv1.3", "TLSv1.3", [PIN], re.sub(r"\W+", "-", event), past_spare_connections=True)
        # Two seconds for a person; the rest is for a busy machine.
        return f"asked once, page after {watch.at_most(8)}"

    @contextlib.contextmanager
    def opens_a_plain_page(self):
        """The start, and a page for which no card is wanted."""
        watch = Watch()
        with Chromium(self.user, self.screen) as chromium:
            contains(chromium.visit(url("plain")), "Connecté", "the page")
            self.start_time = watch.seconds
            yield chromium

    def starts_beside_a_stopped_pcscd(self, card):
        with contextlib.ExitStack() as stack:
            with stopped_pcscd():
                chromium = stack.enter_context(self.opens_a_plain_page())
            let_nss_look()
            self.login(chromium, card, "TLSv1.3", "TLSv1.3", [PIN], "after-silence")
        return f"{self.start_time:.1f} s; then logged in"

    def no_slower_than_without(self, register, unregister):
        """To be called without the module; leaves it so."""
        def without():
            with self.opens_a_plain_page():
                return self.start_time

        return not_much_slower(self.start_time, registered_for(without, register, unregister), without)

    def choose_certificate(self, card):
        with Chromium(self.user, self.screen, chooser=True) as chromium:
            return self.login(chromium, card, "any", "TLSv1.3", [PIN], "chosen")

    def cps4(self):
        with Card("CPS4") as card:
            self.report.check("CPS4: certificate chosen by hand, login", self.choose_certificate, card)
            choose_without_asking()
            self.check("CPS4: cancelled PIN dialog costs no try", self.refused, card, "any", [None], 3, 0, "cancelled")
            self.check("CPS4: wrong PIN, then cancelled: exactly one try", self.refused, card, "any",
                       [WRONG_PIN, None], 2, 1, "wrong-pin")
            with Chromium(self.user, self.screen) as chromium:
                self.check("CPS4: TLS 1.3 login", self.login, chromium, card, "TLSv1.3", "TLSv1.3", [PIN], "tls13")
                self.check("CPS4: TLS 1.2 login, no second PIN", self.login, chromium, card, "TLSv1.2", "TLSv1.2", [],
                           "tls12")
                self.check("CPS4: login to a server with session tickets", self.login, chromium, card, "usual", "TLSv1.3",
                           [], "tickets")
                card.remove()
                self.check("CPS4 pulled: there the session goes on", self.login, chromium, card, "usual", "TLSv1.3", [],
                           "resumed")
                card.insert()
                let_nss_look()
                self.check("CPS4 pulled and back: login without restart", self.login, chromium, card, "TLSv1.3",
                           "TLSv1.3", [PIN], "back")
                card.remove()
                # A site of its own: Chromium remembers until its end that a site got no certificate.
                self.check("CPS4 pulled: a message, no crash", self.refused, chromium, card, "any", [], 3, 0, "pulled")
                self.reinsert(card)
                self.check("CPS4 back after the message: login without restart", self.login, chromium, card, "TLSv1.3",
                           "TLSv1.3", [PIN], "back-again")
                # Last: Chromium keeps spare connections to a site that it has visited often.
                for event in EVENTS:
                    self.check(f"CPS4: another program {event}: the next page asks once, soon", self.asks_again, chromium,
                               card, event)
                self.report.check("clean end", lambda: equal(0, chromium.quit(), "the exit status"))
            self.report.check("pcscd does not answer: start, a plain page; then a login",
                              self.starts_beside_a_stopped_pcscd, card)

    def cps3(self):
        with Card("CPS3") as card:
            self.check("CPS3: wrong PIN, then cancelled: exactly one try", self.refused, card, "TLSv1.2",
                       [WRONG_PIN, None], 2, 1, "wrong-pin")
            self.check("CPS3: TLS 1.2 login", self.login, card, "TLSv1.2", "TLSv1.2", [PIN], "tls12")
            self.check("CPS3: server with TLS 1.3 only: a message, no try", self.refused, card, "TLSv1.3", [PIN], 3, 1,
                       "tls13-only")
            self.check("CPS3: server with TLS 1.2 and 1.3: a message, no try", self.refused, card, "any", [PIN], 3, 1, "any")
            self.switches = ["--ssl-version-max=tls1.2"]
            self.check("CPS3: the same server, --ssl-version-max=tls1.2: login", self.login, card, "any", "TLSv1.2",
                       [PIN], "capped")


def choose_without_asking():
    """What an administrator writes so that nobody has to choose."""
    POLICIES.parent.mkdir(parents=True, exist_ok=True)
    rule = {"pattern": "https://localhost", "filter": {"ISSUER": {"CN": "TEST AC IGC-SANTE FORT PERSONNES"}}}
    POLICIES.write_text(json.dumps({"AutoSelectCertificateForUrls": [json.dumps(rule)]}))


def main():
    report = Report("Chromium")
    user = UnprivilegedUser("chromium")
    database = Database(user, user.folder(".pki", "nssdb"))

    with Screen(user) as screen:
        report.on_failure = lambda name: screen.picture("chromium-failed-" + re.sub(r"\W+", "-", name))
        if report.check("modutil registers the module", database.set_up_for_browser):
            scenarios = Scenarios(user, screen, report)
            scenarios.cps4()
            scenarios.cps3()
            report.check("modutil undoes it", database.unregister)
            report.check("without it no start is much faster", scenarios.no_slower_than_without,
                         lambda: database.register(BROWSER_LIBRARY), database.unregister)
        report.on_failure = None
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
