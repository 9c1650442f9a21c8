# SPDX-License-Identifier: Apache-2.0
"""What happens on the card beside a program that is logged in."""

import signal

from desk import SIGNATURE_KEY
from programs.pkcs11_tool import PKCS11Tool
from support.environment import PIN, WORK, WRONG_PIN
from support.report import Failure


def signs_and_ends(desk):
    """Another program of the person's logs in, signs, and ends in order."""
    document = desk.person.home / "document"
    document.write_bytes(bytes(32))
    desk.pkcs11_tool("--sign", "--mechanism", "RSA-PKCS", "--label", SIGNATURE_KEY, "--input-file", document,
                     "--output-file", desk.person.home / "signature")


def cps_reads_and_ends(desk):
    """The command reads what the PIN protects, and ends in order."""
    desk.person.run("sh", "-c", f"echo {PIN} | {WORK}/cps info --pin-stdin")


def resets_at_logout(desk):
    """The same, with `logout = reset`; another user's program does so, too."""
    desk.pkcs11_tool("--list-objects", environment={"CPS_PKCS11_LOGOUT": "reset"})


def is_killed(desk):
    """A program of the person's is killed while it is logged in."""
    other = desk.put(PKCS11Tool)
    other.kill(signal.SIGKILL)


def is_refused(desk):
    """A program of the person's presents a wrong PIN."""
    if "CKR_PIN_INCORRECT" not in desk.pkcs11_tool("--list-objects", pin=WRONG_PIN, check=False).stderr:
        raise Failure("the PIN was not refused")


# What happens beside a program that is logged in: words, what is done, and whether the login
# is to stand afterwards.
EVENTS = {
    "another program signs and ends": (signs_and_ends, True),
    "`cps info --pin` ends": (cps_reads_and_ends, True),
    "another program is killed": (is_killed, True),
    "another program ends, `logout=reset`": (resets_at_logout, False),
    "another program is refused a PIN": (is_refused, False),
    "warm reset": (lambda desk: desk.neighbour("reset"), False),
    "power cut": (lambda desk: desk.neighbour("unpower"), False),
}
HARMLESS_EVENTS = [words for words, (_, stands) in EVENTS.items() if stands]
