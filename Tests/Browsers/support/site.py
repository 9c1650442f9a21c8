# SPDX-License-Identifier: Apache-2.0
"""The requests that the site got (Tests/Clients/server.sh writes a line for each request)."""

from support.environment import ACCESS_LOG
from support.report import Failure, equal


def forget_requests():
    with open(ACCESS_LOG, "w"):
        pass


def requests():
    """TLS version, result of the check, serial number: of each request."""
    return [(words[1], words[3], words[4]) for words in map(str.split, ACCESS_LOG.read_text().splitlines())]


def presented(card, version):
    """The authentication certificate of the card, in this TLS version, and no other."""
    equal({(version, "SUCCESS", card.serial("authentication"))}, set(requests()), "what the site saw")


def nobody_logged_in():
    if any(result == "SUCCESS" for _, result, _ in requests()):
        raise Failure(f"the site let somebody in: {requests()}")
