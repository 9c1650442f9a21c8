# SPDX-License-Identifier: Apache-2.0
"""Firefox and Thunderbird: start, dialogs, end. Both are driven alike."""

import pathlib
import shutil
import subprocess

from support.environment import OUTPUT, stop, wait_until
from support.marionette import Marionette
from support.report import Failure

# What the program writes into its profile.
PORT_FILE = "MarionetteActivePort"
ASSISTANT = pathlib.Path(__file__).with_name("assistant.js").read_text()


class MozillaProgram:
    """A running program of Mozilla's, without a screen."""

    program = None
    arguments = []

    def __init__(self, user, name):
        self.user = user
        self.name = name
        self.profile = user.folder("profile")
        self.process = None
        self.remote = None
        self.log = OUTPUT / f"{name}.log"

    def preferences(self):
        return {
            "marionette.port": 0,
            "app.update.enabled": False,
            "datareporting.policy.dataSubmissionEnabled": False,
            "datareporting.healthreport.uploadEnabled": False,
            "toolkit.telemetry.server": "",
            "network.captive-portal-service.enabled": False,
            "network.connectivity-service.enabled": False,
            "browser.safebrowsing.downloads.remote.enabled": False,
            "services.settings.server": "http://localhost:1/",
            "extensions.getAddons.cache.enabled": False,
            "intl.locale.requested": "en-US",
        }

    def start(self, timeout=60):
        self.launch()
        port = wait_until(
            f"{self.program} offers its remote control", lambda: self.running() and self.remote_port(), timeout)
        self.remote = Marionette(int(port))
        self.remote.chrome(ASSISTANT)

    def launch(self):
        lines = []
        for name, value in self.preferences().items():
            text = str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"')
            lines.append(f'user_pref("{name}", {text});\n')
        (self.profile / "user.js").write_text("".join(lines))
        (self.profile / PORT_FILE).unlink(missing_ok=True)
        self.process = self.user.start(
            self.program, "--headless", "--marionette", "--remote-allow-system-access", "--no-remote",
            "--profile", self.profile, *self.arguments, log=self.log)

    def remote_port(self):
        """Where the remote control listens, once it does."""
        file = self.profile / PORT_FILE
        return file.exists() and file.read_text().strip()

    def running(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.program} ended with {self.process.returncode}; see {self.log.name}")
        return True

    def quit(self, timeout=30):
        """Ends the program the way a person does; its exit status."""
        try:
            self.remote.chrome("Services.tm.dispatchToMainThread(() => Services.startup.quit(Ci.nsIAppStartup.eForceQuit));")
        except Exception:  # noqa: BLE001 - it may be gone before it answers
            pass
        self.remote.close()
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"{self.program} does not end") from error
        finally:
            stop(self.process)
        return status

    def kill(self):
        if self.remote:
            self.remote.close()
        stop(self.process, patience=5)

    def expect(self, answers, picture=None):
        """How the dialogs from now on are to be answered: a PIN, or None for Cancel."""
        pictures = self.user.folder("pictures")
        self.user.own()
        self.remote.chrome(
            "Object.assign(Cu.getGlobalForObject(Services).assistant, { answers: arguments[0], events: [], picture: arguments[1] });",
            list(answers), str(pictures / f"{self.name}-{picture}") if picture else None)

    def seen(self, messages=False):
        """The dialogs since then (plain messages only if they are expected), and the answers that nobody wanted."""
        seen = self.remote.value(
            "const { events, answers } = Cu.getGlobalForObject(Services).assistant; return { events, answers };")
        for picture in self.user.folder("pictures").glob("*.png"):
            shutil.move(picture, OUTPUT / picture.name)
        for event in seen["events"]:
            if event["kind"] == "error" or (event["kind"] == "message" and not messages) or "pictureFailed" in event:
                raise Failure(f"an unexpected dialog: {event}")
        return seen

    def screenshot(self, name, context="content"):
        path = OUTPUT / f"{self.name}-{name}.png"
        self.remote.screenshot(path, context)
        return path

    def screenshot_of(self, window, name):
        """A picture of the window with this document, then back to the one before."""
        before = self.remote.call("WebDriver:GetWindowHandle")["value"]
        try:
            for handle in self.remote.call("WebDriver:GetWindowHandles"):
                self.remote.call("WebDriver:SwitchToWindow", {"handle": handle, "focus": False})
                if self.remote.chrome("return window.location.href").endswith(window):
                    return self.screenshot(name, "chrome")
            raise Failure(f"no window {window}")
        finally:
            self.remote.call("WebDriver:SwitchToWindow", {"handle": before, "focus": False})
