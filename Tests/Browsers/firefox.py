"""Firefox ESR logs in with the card: module by enterprise policy, and in the profile."""

import re
import sys
import time

from support.cards import Card
from support.environment import BROWSER_LIBRARY, OUTPUT, PIN, SERVER, UnprivilegedUser, WRONG_PIN, url, wait_until
from support.mozilla import MozillaProgram
from support.report import Failure, Report, contains, equal

LOAD = """
const browser = Services.wm.getMostRecentWindow("navigator:browser").gBrowser.selectedBrowser;
browser.loadURI(Services.io.newURI(arguments[0]), { triggeringPrincipal: Services.scriptSecurityManager.getSystemPrincipal() });
"""
STATE = """
const browser = Services.wm.getMostRecentWindow("navigator:browser").gBrowser.selectedBrowser;
return { loading: browser.webProgress.isLoadingDocument, uri: browser.currentURI.spec, document: browser.documentURI?.spec ?? "" };
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
            "browser.shell.checkDefaultBrowser": False,
            "browser.startup.page": 0,
            "browser.startup.homepage_override.mstone": "ignore",
            "browser.aboutwelcome.enabled": False,
            "termsofuse.bypassNotification": True,
            "security.default_personal_cert": "Ask Every Time" if self.ask else "Select Automatically",
            # The certificate dialog's "remember": not at all.
            "security.client_auth_certificate_default_remember_setting": 0,
        }

    def visit(self, address, answers=(), picture=None, timeout=30):
        """Opens the page; the dialogs are answered with these, no more and no fewer."""
        Firefox.visits += 1
        target = f"{address}?{Firefox.visits}"
        self.expect(answers, picture)
        self.remote.chrome(LOAD, target)

        def arrived():
            self.running()
            state = self.remote.chrome(STATE)
            return not state["loading"] and state["uri"] == target and state

        state = wait_until(f"a page or a message for {address}", arrived, timeout)
        visit = Visit(state["document"], self.remote.page("return document.documentElement.innerText"), self.seen())
        if picture:
            self.screenshot(f"{picture}-page", "chrome")
        if visit.unanswered or visit.unused:
            raise Failure(f"expected {len(answers)} question(s) for the PIN, got {visit.questions}; {visit.text}")
        return visit


def logged_in(visit, card, protocol):
    contains(visit.text, f"Bienvenue {card.holder}", "the page")
    contains(visit.text, card.serial("authentication"), "the certificate on the page")
    contains(visit.text, protocol, "the protocol on the page")


def forget_login(firefox):
    """As a person does with "Log out" of the device manager: the PIN is asked anew."""
    firefox.remote.chrome("""
      Cc["@mozilla.org/security/sdr;1"];
      Cc["@mozilla.org/psm;1"].getService(Ci.nsINSSComponent).logoutAuthenticatedPK11();
    """)


def by_policy(user):
    """What an administrator writes to /etc/firefox/policies/policies.json."""
    import json
    import pathlib

    folder = pathlib.Path("/etc/firefox/policies")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "policies.json").write_text(json.dumps({
        "policies": {
            "SecurityDevices": {"Add": {"Carte CPS": BROWSER_LIBRARY}},
            "Certificates": {"Install": [str(SERVER / "authority.pem")]},
        }
    }, indent=2))
    return Firefox(user, "firefox-policy", ask=True)


def main():
    report = Report("Firefox")
    card = Card("CPS4")
    user = UnprivilegedUser("firefox")
    firefox = by_policy(user)
    with card:
        report.check("start", firefox.start)
        def login():
            visit = firefox.visit(url("any"), [PIN], "cps4-login")
            print(visit.__dict__)
            logged_in(visit, card, "TLSv1.3")
        report.check("login", login)
        report.check("quit", firefox.quit)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
