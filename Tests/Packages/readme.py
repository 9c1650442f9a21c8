# SPDX-License-Identifier: Apache-2.0
"""Follows the README's French section block by block, as a person without rights."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

from firefox import Firefox, Scenarios, running
from support.cards import Card
from support.environment import AUTHORITY, BROWSER_LIBRARY, FULL_LIBRARY, PIN, PROJECT, UnprivilegedUser
from support.mozilla import PORT_FILE
from support.report import Failure, Report, contains, equal

SECTION = "## Installer et se servir de sa carte"
PACKAGES = pathlib.Path(os.environ["PACKAGES_FOLDER"])


def blocks():
    """The section's code blocks: what is indented by four."""
    text = (PROJECT / "README.md").read_text().partition(SECTION + "\n")[2].partition("\n## ")[0]
    found = re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)
    return [re.sub("^    ", "", block, flags=re.MULTILINE).strip() for block in found]


class Person(UnprivilegedUser):
    """Who bought a card reader; may use sudo (readme.sh)."""

    user = group = "cabinet"

    def __init__(self):
        super().__init__("readme")
        self.environment["LANG"] = "fr_FR.UTF-8"
        subprocess.run(["usermod", "--home", self.home, self.user], check=True)
        for file in PACKAGES.glob("*.deb"):
            shutil.copy(file, self.home)

    def type(self, block):
        result = self.run("bash", "-ec", block, timeout=120)
        return result.stdout + result.stderr


class TypedFirefox(Firefox):
    """Firefox by the words of the README, with the profile that it makes itself."""

    def __init__(self, user, block):
        super().__init__(user, "firefox-readme", ask=True)
        self.block = block
        # What would be options for its remote control.
        user.environment |= {
            "MOZ_HEADLESS": "1",
            "MOZ_MARIONETTE": "1",
            "MOZ_REMOTE_ALLOW_SYSTEM_ACCESS": "1",
            "MOZ_MARIONETTE_PREF_STATE_ACROSS_RESTARTS": json.dumps(self.preferences()),
        }

    def launch(self):
        self.process = self.user.start("bash", "-ec", self.block, log=self.log)

    def start(self, timeout=60):
        super().start(timeout)
        # In a real Firefox the authorities of real sites are there already. A policy that comes with
        # Firefox, as a distribution has it, would keep the package from writing one.
        text = "".join(AUTHORITY.read_text().partition("-----BEGIN CERTIFICATE-----")[2].partition("-----")[0].split())
        self.remote.chrome("""
          Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB).addCertFromBase64(arguments[0], "C,,");
        """, text)

    def profiles(self):
        return [file.parent for file in self.user.home.glob(f".*/**/{PORT_FILE}")]

    def remote_port(self):
        for profile in self.profiles():
            if text := (profile / PORT_FILE).read_text().strip():
                return text
        return None


def installed(output):
    for file in ("/usr/bin/cps", FULL_LIBRARY, BROWSER_LIBRARY, "/etc/firefox/policies/policies.json"):
        if not pathlib.Path(file).exists():
            raise Failure(f"{file} is not there: {output}")


def shows_the_card(output):
    contains(output, "Virtual reader", "what cps status says")


def logs_in(person, card, block, report):
    scenarios = Scenarios(TypedFirefox(person, block), report)
    with running(scenarios):
        if not scenarios.check("starts, and asks nothing", scenarios.quiet_start):
            return
        scenarios.check("has the module", scenarios.module_is_listed, BROWSER_LIBRARY)
        scenarios.check("is logged in, TLS 1.3", scenarios.login, card, "TLSv1.3", "TLSv1.3", [PIN], "readme")
        scenarios.check("ends", scenarios.clean_end)


def others_are_set_up(person):
    contains((person.home / ".pki/nssdb/pkcs11.txt").read_text(), BROWSER_LIBRARY, "Chromium's database")
    contains(pathlib.Path("/etc/thunderbird/policies/policies.json").read_text(), FULL_LIBRARY, "Thunderbird's policy")


def nothing_is_left(person):
    folders = ("/usr/bin", "/usr/lib", "/usr/share", "/etc", "/opt", "/var/lib/dpkg/info")
    found = subprocess.run(
        ["find", *folders, "(", "-name", "*cps-pkcs11*", "-o", "-name", "cps", "-o", "-name", "cps.1*", "-o",
         "-name", "_cps", "-o", "-path", "/etc/*/policies/policies.json", ")"], capture_output=True, text=True).stdout
    equal("", found, "files that are left")
    for database in person.home.glob(".*/**/pkcs11.txt"):
        if "Carte CPS" in database.read_text():
            raise Failure(f"{database} still names the module")


def main():
    report = Report("README")
    person = Person()
    install, status, firefox, others, purge = blocks()

    def typed(block, then, *arguments):
        def both():
            output = person.type(block)
            then(*arguments or (output,))
        return report.check(block.replace("\n", "; "), both)

    if typed(install, installed):
        with Card("CPS4") as card:
            typed(status, shows_the_card)
            logs_in(person, card, firefox, report)
        typed(others, others_are_set_up, person)
        typed(purge, nothing_is_left, person)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
