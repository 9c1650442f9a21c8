# SPDX-License-Identifier: Apache-2.0
"""The environment of a scenario (set by run.sh), and the end of its child processes."""

import contextlib
import grp
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time


def _path(name):
    return pathlib.Path(os.environ[name])


WORK = _path("BROWSERS_WORK")
OUTPUT = _path("BROWSERS_OUTPUT")
PROJECT = _path("BROWSERS_PROJECT")
HIERARCHY = _path("BROWSERS_HIERARCHY")
VIRTUAL_CARD = _path("BROWSERS_VIRTUAL_CARD")
READER_PORT = int(os.environ["BROWSERS_READER_PORT"])
ACCESS_LOG = _path("BROWSERS_SERVER") / "access.log"
PCSCD_PROCESS = int(os.environ["BROWSERS_PCSCD_PROCESS"])
# "plain" asks nobody for a certificate, "usual" has session tickets and a session cache.
SERVER_PORTS = dict(zip(("any", "TLSv1.2", "TLSv1.3", "plain", "usual"), os.environ["BROWSERS_SERVER_PORTS"].split()))
# Who issued the site's certificate.
AUTHORITY = HIERARCHY / "ca" / "racine-standard" / "cert.pem"

# Where a person has the library: what the recipes of docs/clients say.
FULL_LIBRARY = "/usr/lib/x86_64-linux-gnu/pkcs11/libcps-pkcs11.so"
BROWSER_LIBRARY = "/usr/lib/x86_64-linux-gnu/pkcs11/libcps-pkcs11-browser.so"

PIN = "1234"
WRONG_PIN = "9876"


def url(protocol):
    return f"https://localhost:{SERVER_PORTS[protocol]}/login"


def wait_until(what, condition, timeout=20, interval=0.1):
    """The first true value of condition(); an error that says `what` after the time."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {timeout} s")
        time.sleep(interval)


class UnprivilegedUser:
    """A user without rights, with a home of its own that goes at the end of the run."""

    user, group = "nobody", "nogroup"

    def __init__(self, name):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix=f"home-{name}-", dir=WORK))
        self.environment = {
            "HOME": str(self.home),
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "XDG_RUNTIME_DIR": str(self.folder("run")),
            "TMPDIR": str(self.folder("tmp")),
            "DBUS_SESSION_BUS_ADDRESS": "disabled:",
            "MOZ_CRASHREPORTER_DISABLE": "1",
        }
        self.own()

    def folder(self, *names):
        folder = self.home.joinpath(*names)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def copy(self, file):
        """The user's own copy of a file that may lie where the user cannot look."""
        return shutil.copy(file, self.folder("copies") / f"{file.parent.name}-{file.name}")

    def own(self):
        """Everything in the home is the user's; a program of his may be at work there."""
        user, group = pwd.getpwnam(self.user).pw_uid, grp.getgrnam(self.group).gr_gid
        for folder, _, files in os.walk(self.home):
            for path in [folder, *(os.path.join(folder, name) for name in files)]:
                with contextlib.suppress(FileNotFoundError):
                    os.lchown(path, user, group)
        self.folder("run").chmod(0o700)

    def _prefix(self):
        return [
            "setpriv", f"--reuid={self.user}", f"--regid={self.group}", "--clear-groups",
            "--pdeathsig", "TERM", "--",
        ]

    def run(self, *command, timeout=60, check=True, typed=None):
        """Runs a command to its end, with `typed` on its standard input."""
        self.own()
        result = subprocess.run(
            [*self._prefix(), *map(str, command)], env=self.environment, cwd=self.home, timeout=timeout,
            input=typed or "", capture_output=True, text=True, errors="replace")
        if check and result.returncode:
            raise RuntimeError(f"{command[0]}: {result.returncode}\n{result.stdout}{result.stderr}")
        return result

    def start(self, *command, log, **options):
        self.own()
        with open(log, "ab") as output:
            streams = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": subprocess.STDOUT}
            return subprocess.Popen(
                [*self._prefix(), *map(str, command)], env=self.environment, cwd=self.home,
                start_new_session=True, **(streams | options))


def stop(process, patience=10):
    """Ends a process that was started with start_new_session, and its children."""
    if process is None:
        return None
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    return process.wait()
