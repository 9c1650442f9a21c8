# SPDX-License-Identifier: Apache-2.0
"""Firefox ESR apart from the system, as a Snap or Flatpak is, with the folder of docs/clients/sandboxes.md.

A bubblewrap root takes the place of the sandbox: the base system without the library and
without what the library needs, the user's home, and pcscd's socket or not. The folder is what
`cps register firefox` makes for a Flatpak, and what the page's commands make by hand.
"""

import os
import pathlib
import shlex
import sys

from firefox import Firefox, Scenarios, running
from support.cards import Card, let_nss_look
from support.environment import AUTHORITY, BROWSER_LIBRARY, PIN, PROJECT, UnprivilegedUser, url
from support.nss import Database
from support.report import Report, contains, equal

# The system's /usr without what the sandbox lacks; run.sh makes it.
BASE = os.environ["BROWSERS_BASE_SYSTEM"]
SOCKET = "/run/pcscd/pcscd.comm"
# The program behind `cps register`.
REGISTER = pathlib.Path(os.environ["BROWSERS_REGISTER"])


class Sandbox:
    """A root of its own for programs of a user."""

    def __init__(self, user):
        self.user = user
        # Runs a command in there.
        self.enter = user.folder("bin") / "enter"
        self.firefox = user.folder("bin") / "firefox"
        self._write(self.firefox, self.enter, "firefox-esr")

    def shows(self, *places):
        """From now on also these files of the system are in there."""
        options = ["--unshare-ipc", "--unshare-pid", "--unshare-uts", "--die-with-parent", "--ro-bind", BASE, "/usr"]
        for folder in "bin", "lib", "lib64":
            options += ["--symlink", f"usr/{folder}", f"/{folder}"]
        for place in "/etc/fonts", "/etc/hosts", "/etc/nsswitch.conf", "/etc/passwd", *places:
            options += ["--ro-bind", place, place]
        options += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--bind", self.user.home, self.user.home]
        self._write(self.enter, "bwrap", *options)

    @staticmethod
    def _write(program, *words):
        program.write_text(f"#!/bin/sh\nexec {shlex.join(map(str, words))} \"$@\"\n")
        program.chmod(0o755)

    def run(self, *command, **options):
        return self.user.run(self.enter, *command, **options)


class SandboxedFirefox(Firefox):
    def __init__(self, sandbox, profile):
        super().__init__(sandbox.user, "firefox-sandbox", ask=True)
        self.program = sandbox.firefox
        self.profile = profile


class Person:
    """Who follows the page, with Firefox as a Flatpak of his own."""

    def __init__(self, user):
        self.user = user
        identifier = "org.mozilla.firefox"
        user.folder(".local", "share", "flatpak", "app", identifier)
        place = user.folder(".var", "app", identifier)
        self.profile = user.folder(place, ".mozilla", "firefox", "card.default")
        self.folder = place / "cps-pkcs11"
        self.library = self.folder / pathlib.Path(BROWSER_LIBRARY).name
        self.page = (PROJECT / "docs" / "clients" / "sandboxes.md").read_text()
        self.register = user.copy(REGISTER)
        # What the page's commands have made.
        self.by_hand = None

    def types(self, beginning):
        """The block of the page that begins like this; `snap` and `flatpak` are not here."""
        block = self.page[self.page.index(f"\n    {beginning}") + 1:].partition("\n\n")[0]
        left_out = "FOLDER=", "sudo snap", "flatpak"
        lines = [line.strip() for line in block.splitlines() if not line.strip().startswith(left_out)]
        script = "\n".join(["set -eu", f"FOLDER='{self.folder}'", *lines])
        self.user.run("bash", "-c", script.replace("PROFILE", f"'{self.profile}'"))

    def sets_up(self):
        database = Database(self.user, self.profile)
        database.create()
        database.trust(AUTHORITY, "site", "C,,")
        self.types("FOLDER=")
        self.types("modutil -dbdir sql:PROFILE -force -add")
        self.by_hand = self.made()

    def made(self):
        """What is in the folder, and the database's list of modules."""
        files = [file for file in self.folder.rglob("*") if file.is_file()] + [self.profile / "pkcs11.txt"]
        return {file: file.read_bytes() for file in files}

    def undoes_it(self):
        self.types("modutil -dbdir sql:PROFILE -force -delete")
        self.has_nothing()

    def has_nothing(self):
        equal(False, self.folder.exists(), "whether the folder is there")
        modules = (self.profile / "pkcs11.txt").read_text()
        equal(False, "Carte CPS" in modules, "whether the module is there")

    def registers(self):
        self.user.run(self.register, "firefox")
        equal(True, self.made() == self.by_hand, "whether it is what the page's commands make")

    def renews_the_folder(self):
        """What a package's upgrade does."""
        with self.library.open("ab") as library:
            library.write(b"old")
        self.registers()

    def unregisters(self):
        self.user.run(self.register, "--undo", "firefox")
        self.has_nothing()


class SandboxScenarios(Scenarios):
    def __init__(self, sandbox, person, report):
        super().__init__(SandboxedFirefox(sandbox, person.profile), report)
        self.sandbox = sandbox
        self.person = person

    def has_the_base_system_only(self):
        """The installed file is not there, and the library finds what it needs in the folder."""
        self.sandbox.run("test", "!", "-e", BROWSER_LIBRARY)
        listing = self.sandbox.run("ldd", self.person.library).stdout
        equal(False, "not found" in listing, "whether a library is missing")
        own = sorted(line.split()[0] for line in listing.splitlines() if f"=> {self.person.folder}/" in line)
        equal(["libgmp.so.10", "libnettle.so.8", "libpcsclite.so.1"], own, "the libraries from the folder")

    def goes_on(self, card):
        """The folder is renewed while Firefox has the files of the old one."""
        self.person.renews_the_folder()
        self.login(card, "TLSv1.3", "TLSv1.3", [])

    def has_no_reader(self):
        self.firefox.start()
        contains(self.firefox.visit(url("plain")).text, "Connecté", "a page for which no card is wanted")
        self.module_is_listed(str(self.person.library))
        equal(0, self.tokens(), "slots with a token")

    def tokens(self):
        """In how many slots of the library's NSS sees a token."""
        return self.firefox.remote.value("""
          const database = Cc["@mozilla.org/security/pkcs11moduledb;1"].getService(Ci.nsIPKCS11ModuleDB);
          return Promise.resolve(database.listModules()).then(modules =>
            Array.from(modules).filter(module => module.libName == arguments[0]).flatMap(module => Array.from(module.slots))
              .filter(slot => slot.status != Ci.nsIPKCS11Slot.SLOT_NOT_PRESENT).length);
        """, str(self.person.library))


def main():
    report = Report("sandbox")
    user = UnprivilegedUser("sandbox")
    sandbox = Sandbox(user)
    person = Person(user)
    scenarios = SandboxScenarios(sandbox, person, report)
    check = report.check
    sandbox.shows(SOCKET)
    with running(scenarios):
        if not check("the page's commands make the folder, and add the module", person.sets_up):
            return report.finish()
        check("the page's commands undo it", person.undoes_it)
        check("cps register does the same as the page's commands", person.registers)
        check("beside the base system the library needs the folder only", scenarios.has_the_base_system_only)
        with Card("CPS4") as card:
            check("start: no PIN asked", scenarios.quiet_start)
            check("CPS4: TLS 1.3 login", scenarios.login, card, "TLSv1.3", "TLSv1.3", [PIN], "tls13")
            check("CPS4: one token", lambda: equal(1, scenarios.tokens(), "slots with a token"))
            check("CPS4: the folder is renewed, and the login stays", scenarios.goes_on, card)
        with Card("CPS3") as card:
            let_nss_look()
            check("CPS3: TLS 1.2 login", scenarios.login, card, "TLSv1.2", "TLSv1.2", [PIN], "tls12")
        check("clean end", scenarios.clean_end)
        sandbox.shows()
        with Card("CPS4"):
            check("without pcscd's socket: starts, and has no reader", scenarios.has_no_reader)
            check("without pcscd's socket: clean end", scenarios.clean_end)
        check("cps unregister undoes it", person.unregisters)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
