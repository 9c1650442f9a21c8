# SPDX-License-Identifier: Apache-2.0
"""What another program, and another user, does to the card meanwhile; and pcscd itself."""

import contextlib
import os
import signal
import subprocess
import time

from support.environment import FULL_LIBRARY, PCSCD_PROCESS, PIN, WRONG_PIN, wait_until
from support.report import Failure


def _pkcs11_tool(*arguments):
    return subprocess.run(
        ["pkcs11-tool", "--module", FULL_LIBRARY, *arguments], capture_output=True, text=True, timeout=30)


def logs_in_and_out():
    """Another user's program: its logout closes the card for everybody."""
    result = _pkcs11_tool("--login", "--pin", PIN, "--list-objects", "--type", "privkey")
    if result.returncode:
        raise RuntimeError(result.stderr)


def is_refused():
    """Another user's program presents a wrong PIN."""
    if "CKR_PIN_INCORRECT" not in _pkcs11_tool("--login", "--pin", WRONG_PIN, "--list-objects").stderr:
        raise RuntimeError("the PIN was not refused")


def resets():
    """A program that knows nothing of us resets the card."""
    subprocess.run(["opensc-tool", "--reset"], capture_output=True, timeout=30, check=True)


EVENTS = {"logs out": logs_in_and_out, "is refused": is_refused, "resets": resets}


def meanwhile(event):
    """One of EVENTS, and the second in which NSS does not ask for a session's state anew."""
    EVENTS[event]()
    time.sleep(1.2)


@contextlib.contextmanager
def stopped_pcscd():
    """pcscd is there, and does not answer (as after a bad suspend)."""
    os.kill(PCSCD_PROCESS, signal.SIGSTOP)
    try:
        with open(f"/proc/{PCSCD_PROCESS}/status") as status:
            wait_until("pcscd has stopped", lambda: status.seek(0) == 0 and "T (stopped)" in status.read())
        yield
    finally:
        os.kill(PCSCD_PROCESS, signal.SIGCONT)


# How much longer a start may take beside a pcscd that does not answer, in seconds.
PATIENCE = 3


def not_much_slower(stopped, start_with_module, start_without):
    """Compares `stopped`, the seconds of a start with the module beside a stopped pcscd, with
    a start without the module. Both callables start and end the program, and return seconds.

    The machine may have been busier during one of the two: the pair is measured three times
    before it counts as a failure."""
    for attempt in range(3):
        if attempt:
            with stopped_pcscd():
                stopped = start_with_module()
        without = start_without()
        if stopped <= without + PATIENCE:
            return f"without the module: {without:.1f} s; with it and a stopped pcscd: {stopped:.1f} s"
    raise Failure(f"three times too slow, at last: without the module: {without:.1f} s; with it and a stopped pcscd: "
                  f"{stopped:.1f} s")


def registered_for(start, register, unregister):
    """`start` with the module, for a program that does not have it before and afterwards."""
    def start_with_module():
        register()
        seconds = start()
        unregister()
        return seconds

    return start_with_module


class Watch:
    """Seconds since it was made."""

    def __init__(self):
        self.start = time.monotonic()

    @property
    def seconds(self):
        return time.monotonic() - self.start

    def at_most(self, limit):
        """How long it took, in words; a failure if that was longer."""
        seconds = self.seconds
        if seconds > limit:
            raise Failure(f"it took {seconds:.1f} s, more than {limit:.1f} s")
        return f"{seconds:.1f} s"
