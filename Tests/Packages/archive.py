# SPDX-License-Identifier: Apache-2.0
"""apt upgrades the library while Firefox uses it: Firefox goes on with the old one until it ends."""

import os
import pathlib
import subprocess
import sys
import time

from firefox import Firefox, Scenarios, running
from support.cards import Card
from support.environment import AUTHORITY, BROWSER_LIBRARY, PIN, UnprivilegedUser
from support.nss import Database
from support.report import Report, equal

VERSION = os.environ["ARCHIVE_VERSION"]


def mappings():
    """How running programs name the library for browsers that they have loaded."""
    found = set()
    for maps in pathlib.Path("/proc").glob("[0-9]*/maps"):
        try:
            lines = maps.read_text().splitlines()
        except OSError:
            continue
        found |= {line.split(maxsplit=5)[5] for line in lines if BROWSER_LIBRARY in line}
    return found


def upgrade():
    equal({BROWSER_LIBRARY}, mappings(), "the library before")
    subprocess.run(
        ["apt-get", "install", "--yes", "--no-install-recommends", f"libcps-pkcs11={VERSION}", f"cps={VERSION}",
         f"cps-virtual-card={VERSION}"],
        check=True, capture_output=True, text=True, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"})
    equal({BROWSER_LIBRARY + " (deleted)"}, mappings(), "the library afterwards")


def main():
    report = Report("archive")
    user = UnprivilegedUser("archive")
    firefox = Firefox(user, "firefox-archive", ask=True)
    # The module comes from the package, the site's authority from the person.
    database = Database(user, firefox.profile)
    database.create()
    database.trust(AUTHORITY, "site", "C,,")
    scenarios = Scenarios(firefox, report)
    with running(scenarios), Card("CPS4") as card:
        if not scenarios.check("starts", scenarios.quiet_start):
            return report.finish()
        scenarios.check("is logged in", scenarios.login, card, "TLSv1.3", "TLSv1.3", [PIN])
        scenarios.check("apt upgrades the library", upgrade)
        scenarios.check("a new connection is logged in, without the PIN", scenarios.login, card, "TLSv1.2", "TLSv1.2", [])
        card.remove()
        card.insert()
        time.sleep(1.5)  # NSS looks at a reader once a second
        scenarios.check("the card put back: logged in again", scenarios.login, card, "any", "TLSv1.3", [PIN])
        scenarios.check("ends", scenarios.clean_end)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
