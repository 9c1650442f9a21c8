# SPDX-License-Identifier: Apache-2.0
"""Firefox ESR logs in with the card: module by enterprise policy, and in the profile."""

import contextlib
import json
import pathlib
import re
import sys
import time

from support.cards import Card, let_nss_look
from support.environment import AUTHORITY, BROWSER_LIBRARY, PIN, UnprivilegedUser, WRONG_PIN, url, wait_until
from support.mozilla import MozillaProgram
from support.neighbour import EVENTS, Watch, meanwhile, not_much_slower, stopped_pcscd
from support.nss import Database
from support.report import Failure, Report, contains, equal
from support.site import forget_requests, nobody_logged_in, presented

LOAD = """
const browser = Services.wm.getMostRecentWindow("navigator:browser").gBrowser.selectedBrowser;
browser.loadURI(Services.io.newURI(arguments[0]), { triggeringPrincipal: Services.scriptSecurityManager.getSystemPrincipal() });
"""
STATE = """
const browser = Services.wm.getMostRecentWindow("navigator:browser").gBrowser.selectedBrowser;
return { loading: browser.webProgress.isLoadingDocument, uri: browser.currentURI.spec, document: browser.documentURI?.spec ?? "" };
"""


# Clear Recent History, Active Logins.
FORGET_LOGINS = """
Cc["@mozilla.org/security/sdr;1"].getService(Ci.nsISecretDecoderRing).logoutAndTeardown();
Services.obs.notifyObservers(null, "net:clear-active-logins");
"""


class Visit:
    """What a person saw: the page or message, and the dialogs on the way to it."""

    def __init__(self, address, text, seen):
        self.address = address
        self.text = text
        events = seen["events"]
        self.certificates = [label for event in events for label in event.get("certificates", [])]
        self.questions = [event["text"] for event in events if event["kind"] == "password"]
        self.unanswered = [event for event in events if event.get("answered") == "no answer left"]
        self.unused = seen["answers"]


class Firefox(MozillaProgram):
    program = "firefox-esr"
    visits = 0

    def __init__(self, user, name, ask):
        super().__init__(user, name)
        self.ask = ask

    def preferences(self):
        return super().preferences() | {
            # The icon of a site is a second request, which asks for the PIN again
            # after the first one was cancelled.
            "browser.chrome.site_icons": False,
            "browser.shell.checkDefaultBrowser": False,
            "browser.startup.page": 0,
            "browser.startup.homepage_override.mstone": "ignore",
            "browser.aboutwelcome.enabled": False,
            "termsofuse.bypassNotification": True,
            "security.default_personal_cert": "Ask Every Time" if self.ask else "Select Automatically",
        }

    def visit(self, address, answers=(), picture=None, timeout=60):
        """Opens the page; the dialogs are answered with these, no more and no fewer."""
        visit = self.look(address, answers, picture, timeout)
        if visit.unanswered or visit.unused:
            raise Failure(f"expected {len(answers)} question(s) for the PIN, got {visit.questions}; {visit.text}")
        return visit

    def look(self, address, answers=(), picture=None, timeout=60):
        """Opens the page; the dialogs are answered with these, as far as they reach."""
        Firefox.visits += 1
        target = f"{address}?{Firefox.visits}"
        self.expect(answers, picture)
        self.remote.chrome(LOAD, target)

        def arrived():
            self.running()
            state = self.remote.value(STATE)
            return not state["loading"] and state["uri"] == target and state

        state = wait_until(f"a page or a message for {address}", arrived, timeout)
        visit = Visit(state["document"], self.remote.page("return document.documentElement.innerText"), self.seen())
        if picture:
            self.screenshot(f"{picture}-page", "chrome")
        return visit


# Firefox has one network thread and asks for the PIN on it: a message that says
# why nobody is logged in comes from the server, or is Firefox's own.
REFUSED = re.compile(r"No required SSL certificate|SSL_ERROR_\w+|SEC_ERROR_\w+|PR_\w+_ERROR|Secure Connection Failed")


class Scenarios:
    """A person in front of one Firefox."""

    def __init__(self, firefox, report):
        self.firefox = firefox
        self.report = report
        self.start_beside_a_stopped_pcscd = 0.0

    def check(self, name, test, *arguments, **options):
        return self.report.check(f"{self.firefox.name.partition('-')[2]}: {name}", lambda: test(*arguments, **options))

    def login(self, card, server, version, answers, picture=None):
        forget_requests()
        visit = self.firefox.visit(url(server), answers, picture and f"{card.kind.lower()}-{picture}")
        contains(visit.text, f"Connecté : {card.holder}", "the page")
        presented(card, version)
        equal(3, card.tries, "tries of the PIN left")
        if visit.certificates:
            self.only_authentication(card, visit)
        if answers:
            contains(visit.questions[0], card.label, "the question for the PIN")
        return f"asked {len(visit.questions)} time(s) for the PIN"

    def only_authentication(self, card, visit):
        equal(1, len(visit.certificates), "certificates offered")
        contains(visit.certificates[0].replace(":", ""), card.serial("authentication"), "the certificate offered")

    def refused(self, card, server, answers, tries, verifications, picture=None):
        """Nobody is logged in: a message, and so many tries of the PIN gone."""
        forget_requests()
        before = card.verifications()
        visit = self.firefox.visit(url(server), answers, picture and f"{card.kind.lower()}-{picture}")
        if visit.certificates:
            self.only_authentication(card, visit)
        message = REFUSED.search(visit.text)
        if not message or "Connecté" in visit.text:
            raise Failure(f"no clear message: {visit.text!r}")
        equal(tries, card.tries, "tries of the PIN left")
        equal(verifications, card.verifications() - before, "PINs sent to the card")
        nobody_logged_in()
        return message.group(0)

    def asks_again(self, card, version, event):
        meanwhile(event)
        watch = Watch()
        self.login(card, version, version, [PIN])
        # Two seconds for a person; the rest is for a busy machine.
        return f"asked once, page after {watch.at_most(6)}"

    def neighbours(self, card, *versions):
        for version in versions:
            for event in EVENTS:
                self.check(f"{card.kind}, {version}: another program {event}: the next page asks once, soon",
                           self.asks_again, card, version, event)

    def opens_a_plain_page(self):
        """The start, and a page for which no card is wanted; seconds."""
        watch = Watch()
        self.firefox.start()
        contains(self.firefox.visit(url("plain")).text, "Connecté", "the page")
        return watch.seconds

    def starts_beside_a_stopped_pcscd(self, card):
        with stopped_pcscd():
            self.start_beside_a_stopped_pcscd = self.opens_a_plain_page()
        let_nss_look()
        self.login(card, "TLSv1.3", "TLSv1.3", [PIN])
        self.clean_end()
        return f"{self.start_beside_a_stopped_pcscd:.1f} s; then logged in"

    def quiet_start(self):
        self.firefox.start()
        self.firefox.expect([])
        time.sleep(1)
        seen = self.firefox.seen()
        equal([], seen["events"], "dialogs at the start")

    def modules(self):
        modules = self.firefox.remote.value("""
          const database = Cc["@mozilla.org/security/pkcs11moduledb;1"].getService(Ci.nsIPKCS11ModuleDB);
          return Promise.resolve(database.listModules()).then(modules =>
            Array.from(modules, module => ({ name: module.name, library: module.libName })));
        """)
        return [module["library"] for module in modules]

    def module_is_listed(self, library):
        contains(self.modules(), library, "the modules")

    def is_undone(self, add, delete):
        """The module is gone; what a start beside a stopped pcscd took is compared with one without the module."""
        def with_module():
            add()
            seconds = self.opens_a_plain_page()
            self.clean_end()
            return seconds

        def without():
            delete()
            seconds = self.opens_a_plain_page()
            wait_until("the module is gone", lambda: BROWSER_LIBRARY not in self.modules())
            self.clean_end()
            return seconds

        return not_much_slower(self.start_beside_a_stopped_pcscd, with_module, without)

    def clean_end(self):
        equal(0, self.firefox.quit(), "the exit status")

    def cps4(self, card, full):
        check = self.check
        check("CPS4: cancelled PIN dialog costs no try", self.refused, card, "any", [None], 3, 0, "cancelled")
        check("CPS4: wrong PIN, then cancelled: exactly one try", self.refused, card, "any", [WRONG_PIN, None], 2, 1,
              "wrong-pin")
        check("CPS4: TLS 1.3 login", self.login, card, "TLSv1.3", "TLSv1.3", [PIN], "tls13")
        if not full:
            return
        check("CPS4: TLS 1.2 login, no second PIN", self.login, card, "TLSv1.2", "TLSv1.2", [], "tls12")
        self.neighbours(card, "TLSv1.3", "TLSv1.2")
        card.remove()
        check("CPS4 pulled: a message, no crash", self.refused, card, "any", [], 3, 0, "pulled")
        check("CPS4 pulled, server with session tickets: a message", self.refused, card, "usual", [], 3, 0)
        card.insert()
        let_nss_look()
        check("CPS4 back: login without restart", self.login, card, "any", "TLSv1.3", [PIN], "back")
        check("CPS4 back, server with session tickets: still the message", self.refused, card, "usual", [], 3, 0)
        self.firefox.remote.chrome(FORGET_LOGINS)
        check("CPS4 back, server with session tickets: login once active logins are cleared", self.login, card, "usual",
              "TLSv1.3", [PIN])

    def cps3(self, card):
        check = self.check
        check("CPS3: cancelled PIN dialog costs no try", self.refused, card, "TLSv1.2", [None], 3, 0)
        check("CPS3: wrong PIN, then cancelled: exactly one try", self.refused, card, "TLSv1.2", [WRONG_PIN, None], 2, 1)
        check("CPS3: TLS 1.2 login", self.login, card, "TLSv1.2", "TLSv1.2", [PIN], "tls12")
        self.neighbours(card, "TLSv1.2")
        check("CPS3: server with TLS 1.3 only: a message, no try", self.refused, card, "TLSv1.3", [], 3, 0, "tls13-only")
        check("CPS3: server with TLS 1.2 and 1.3: a message, no try", self.refused, card, "any", [], 3, 0, "any")
        self.firefox.remote.chrome('Services.prefs.setIntPref("security.tls.version.max", 3)')
        check("CPS3: the same server, security.tls.version.max = 3: login", self.login, card, "any", "TLSv1.2", [], "capped")
        self.firefox.remote.chrome('Services.prefs.clearUserPref("security.tls.version.max")')


def by_policy(report):
    """What an administrator writes to /etc/firefox/policies/policies.json."""
    user = UnprivilegedUser("firefox-policy")
    scenarios = Scenarios(Firefox(user, "firefox-policy", ask=True), report)
    folder = pathlib.Path("/etc/firefox/policies")
    folder.mkdir(parents=True, exist_ok=True)
    policies = folder / "policies.json"

    def write(devices):
        policies.write_text(json.dumps({
            "policies": {"SecurityDevices": devices, "Certificates": {"Install": [str(user.copy(AUTHORITY))]}}
        }, indent=2))

    def add():
        write({"Add": {"Carte CPS": BROWSER_LIBRARY}})

    def delete():
        """The profile keeps a module whose policy has gone: it must be taken away by name."""
        write({"Delete": ["Carte CPS"]})

    add()
    with running(scenarios):
        with Card("CPS4") as card:
            if not scenarios.check("start: no PIN asked", scenarios.quiet_start):
                return
            scenarios.check("the module is listed", scenarios.module_is_listed, BROWSER_LIBRARY)
            scenarios.cps4(card, full=True)
        with Card("CPS3") as card:
            let_nss_look()
            scenarios.cps3(card)
        scenarios.check("clean end", scenarios.clean_end)
        with Card("CPS4") as card:
            scenarios.check("pcscd does not answer: start, a plain page; then a login",
                            scenarios.starts_beside_a_stopped_pcscd, card)
        scenarios.check("the policy's Delete undoes it", scenarios.is_undone, add, delete)
    policies.unlink()


def in_profile(report):
    """What a person does without an administrator: the profile's NSS database."""
    user = UnprivilegedUser("firefox-profile")
    firefox = Firefox(user, "firefox-profile", ask=False)
    database = Database(user, firefox.profile)

    scenarios = Scenarios(firefox, report)
    with running(scenarios), Card("CPS4") as card:
        if not scenarios.check("modutil registers the module", database.set_up_for_browser):
            return
        if not scenarios.check("start: no PIN asked", scenarios.quiet_start):
            return
        scenarios.check("the module is listed", scenarios.module_is_listed, BROWSER_LIBRARY)
        scenarios.cps4(card, full=False)
        scenarios.check("clean end", scenarios.clean_end)
        scenarios.check("modutil undoes it", database.unregister)


@contextlib.contextmanager
def running(scenarios):
    scenarios.report.on_failure = lambda name: scenarios.firefox.screenshot(
        "failed-" + re.sub(r"\W+", "-", name), "chrome")
    try:
        yield
    finally:
        scenarios.report.on_failure = None
        scenarios.firefox.kill()


def main():
    report = Report("Firefox")
    by_policy(report)
    in_profile(report)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
