# SPDX-License-Identifier: Apache-2.0
"""A user's NSS database, set up with NSS's own tools, as the recipes say."""

from support.environment import AUTHORITY, BROWSER_LIBRARY
from support.report import Failure

MODULE = "Carte CPS"


class Database:
    def __init__(self, user, folder):
        self.user = user
        self.name = f"sql:{folder}"

    def create(self):
        self.user.run("certutil", "-N", "-d", self.name, "--empty-password")

    def set_up_for_browser(self):
        """The browsers' library, and trust in the site's certificate."""
        self.create()
        self.register(BROWSER_LIBRARY)
        self.trust(AUTHORITY, "site", "C,,")

    def trust(self, authority, nickname, trust):
        """Adds an authority with certutil's trust flags: sites, mail, code."""
        self.user.run("certutil", "-A", "-d", self.name, "-n", nickname, "-t", trust, "-i", self.user.copy(authority))

    def register(self, library):
        """The library, under the name that the recipes give it."""
        self._modutil("-add", MODULE, "-libfile", library)

    def unregister(self):
        self._modutil("-delete", MODULE)
        listing = self.user.run("modutil", "-dbdir", self.name, "-list").stdout
        if "libcps" in listing:
            raise Failure(listing)

    def _modutil(self, *arguments):
        self.user.run("modutil", "-dbdir", self.name, "-force", *arguments)
