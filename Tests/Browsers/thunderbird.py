# SPDX-License-Identifier: Apache-2.0
"""Thunderbird signs a message (S/MIME) with the card's signature key, and decrypts one.

The module is the full one: mail wants the signature pair, browsers must not see it.
A compose window sends the message to a local SMTP server, and OpenSSL verifies what
has arrived there.
"""

import base64
import contextlib
import email
import re
import socket
import subprocess
import sys
import time

from aiosmtpd.controller import Controller

from support.cards import Card, let_nss_look
from support.environment import FULL_LIBRARY, HIERARCHY, OUTPUT, PIN, UnprivilegedUser, WRONG_PIN, wait_until
from support.mozilla import MozillaProgram
from support.neighbour import EVENTS, Watch, meanwhile, not_much_slower, registered_for, stopped_pcscd
from support.nss import Database
from support.report import Failure, Report, contains, equal

TEXT = "Compte rendu de test, signe par carte."

# As in the account settings: the signature certificate of the card, for signing.
CHOOSE_CERTIFICATE = """
const [serial] = arguments;
// Here with a zero in front where OpenSSL has none.
const number = digits => BigInt("0x" + digits.replaceAll(":", ""));
const database = Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB);
const certificates = Array.from(database.getCerts());
const certificate = certificates.find(one => number(one.serialNumber) == number(serial));
if (!certificate) return certificates.map(one => one.displayName + " " + one.serialNumber + " " + one.tokenName).join(", ");
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const identity = MailServices.accounts.defaultAccount.defaultIdentity;
identity.setUnicharAttribute("signing_cert_name", certificate.displayName);
identity.setCharAttribute("signing_cert_dbkey", certificate.dbKey);
identity.setBoolAttribute("sign_mail", true);
return true;
"""

COMPOSE = """
const [subject, text] = arguments;
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const fields = Cc["@mozilla.org/messengercompose/composefields;1"].createInstance(Ci.nsIMsgCompFields);
fields.to = "confrere@localhost";
fields.subject = subject;
fields.body = text;
const parameters = Cc["@mozilla.org/messengercompose/composeparams;1"].createInstance(Ci.nsIMsgComposeParams);
parameters.composeFields = fields;
parameters.type = Ci.nsIMsgCompType.New;
parameters.format = Ci.nsIMsgCompFormat.PlainText;
parameters.identity = MailServices.accounts.defaultAccount.defaultIdentity;
MailServices.compose.OpenComposeWindowWithParams(null, parameters);
"""

COMPOSER_READY = """
const window = Services.wm.getMostRecentWindow("msgcompose");
return Boolean(window && window.gMsgCompose?.editor && window.composeEditorReady !== false && window.document.readyState == "complete"
  && !window.document.getElementById("button-send")?.disabled);
"""

HOW = """
const window = Services.wm.getMostRecentWindow("msgcompose");
return [window.gSendSigned, window.gSelectedTechnologyIsPGP];
"""

SEND = """
const window = Services.wm.getMostRecentWindow("msgcompose");
window.setTimeout(() => window.GenericSendMessage(Ci.nsIMsgCompDeliverMode.Now), 0);
"""

# A message that has arrived is opened in a window.
READ = """
const [source] = arguments;
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const root = MailServices.accounts.localFoldersServer.rootFolder.QueryInterface(Ci.nsIMsgLocalMailFolder);
const name = "Cards";
const folder = root.containsChildNamed(name) ? root.getChildNamed(name) : root.createLocalSubfolder(name);
const header = folder.QueryInterface(Ci.nsIMsgLocalMailFolder).addMessage(source);
const { MailUtils } = ChromeUtils.importESModule("resource:///modules/MailUtils.sys.mjs");
MailUtils.openMessageInNewWindow(header);
"""

# What the window with the message shows.
SHOWN = """
const window = Services.wm.getMostRecentWindow("mail:messageWindow");
return window?.messageBrowser?.contentWindow?.getMessagePaneBrowser?.()?.contentDocument?.body?.textContent ?? "";
"""


class Mailbox:
    """A local SMTP server that keeps what it gets."""

    def __init__(self):
        self.messages = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        self.messages.append(envelope.content)
        return "250 OK"


class Thunderbird(MozillaProgram):
    program = "thunderbird"

    def __init__(self, user, name, port):
        super().__init__(user, name)
        self.port = port

    def preferences(self):
        return super().preferences() | {
            # An account that receives nothing, and sends through our server.
            "mail.accountmanager.accounts": "account1,account2",
            "mail.accountmanager.defaultaccount": "account1",
            "mail.account.account1.server": "server1",
            "mail.account.account1.identities": "id1",
            "mail.server.server1.type": "pop3",
            "mail.server.server1.hostname": "localhost",
            "mail.server.server1.userName": "docteur",
            "mail.server.server1.name": "docteur@localhost",
            "mail.server.server1.login_at_startup": False,
            "mail.server.server1.check_new_mail": False,
            "mail.server.server1.download_on_biff": False,
            "mail.account.account2.server": "server2",
            "mail.server.server2.type": "none",
            "mail.server.server2.hostname": "Local Folders",
            "mail.server.server2.userName": "nobody",
            "mail.server.server2.name": "Local Folders",
            "mail.accountmanager.localfoldersserver": "server2",
            "mail.identity.id1.fullName": "Docteur de test",
            "mail.identity.id1.useremail": "docteur@localhost",
            "mail.identity.id1.valid": True,
            "mail.identity.id1.smtpServer": "smtp1",
            "mail.identity.id1.compose_html": False,
            "mail.identity.id1.fcc": False,
            "mail.smtpservers": "smtp1",
            "mail.smtp.defaultserver": "smtp1",
            "mail.smtpserver.smtp1.hostname": "127.0.0.1",
            "mail.smtpserver.smtp1.port": self.port,
            "mail.smtpserver.smtp1.authMethod": 1,
            "mail.smtpserver.smtp1.try_ssl": 0,
            "mail.shell.checkDefaultClient": False,
            "mail.provider.suppress_dialog_on_startup": True,
            "mail.spotlight.firstRunDone": True,
            "mail.winsearch.firstRunDone": True,
            "mailnews.start_page.enabled": False,
            "mail.rights.version": 1,
            "app.donation.eoy.version.viewed": 999,
            "mail.compose.autosave": False,
            "mail.warn_on_send_accel_key": False,
        }


def register(database):
    """The module, and trust in those who issued the signature certificate."""
    database.create()
    database.register(FULL_LIBRARY)
    for name, trust in (("racine-fort", "C,C,"), ("fort-personnes", ",,")):
        database.trust(HIERARCHY / "ca" / name / "cert.pem", name, trust)


@contextlib.contextmanager
def mail_server():
    """A mailbox, and the port of the server that fills it."""
    mailbox = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(mailbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        yield mailbox, port
    finally:
        server.stop()


class Scenarios:
    def __init__(self, thunderbird, mailbox, report):
        self.thunderbird = thunderbird
        self.mailbox = mailbox
        self.report = report
        self.subjects = 0
        self.start_time = 0.0

    def check(self, name, test, *arguments):
        return self.report.check(name, lambda: test(*arguments))

    def start(self):
        watch = Watch()
        self.thunderbird.start()
        self.thunderbird.expect([])
        wait_until("the main window", lambda: self.thunderbird.remote.chrome(
            'return Services.wm.getMostRecentWindow("mail:3pane")?.document.readyState == "complete"'))
        self.start_time = watch.seconds
        time.sleep(1)
        equal([], self.thunderbird.seen()["events"], "dialogs at the start")

    def starts_beside_a_stopped_pcscd(self, card):
        with stopped_pcscd():
            self.start()
        self.choose(card)
        self.signed(card, [PIN], "after-silence")
        self.clean_end()
        return f"{self.start_time:.1f} s; then signed"

    def no_slower_than_without(self, register, unregister):
        """To be called without the module; leaves it so."""
        def without():
            self.start()
            self.clean_end()
            return self.start_time

        return not_much_slower(self.start_time, registered_for(without, register, unregister), without)

    def clean_end(self):
        equal(0, self.thunderbird.quit(), "the exit status")

    def asks_again(self, card, event):
        meanwhile(event)
        return self.signed(card, [PIN], re.sub(r"\W+", "-", event))

    def choose(self, card):
        equal(True, self.thunderbird.remote.chrome(CHOOSE_CERTIFICATE, card.serial("signature")), "the certificate")

    def send(self, answers, picture):
        """Writes and sends a message; its bytes, or None if it did not arrive. All answers are wanted, and no others."""
        message = self.try_to_send(answers, picture)
        if self.seen["answers"]:
            raise Failure(f"{len(self.seen['answers'])} answer(s) too many: {self.seen['events']}")
        if any(event.get("answered") == "no answer left" for event in self.seen["events"]):
            raise Failure(f"asked once more for the PIN: {self.seen['events']}")
        return message

    def try_to_send(self, answers, picture):
        """The same, whatever is asked."""
        remote = self.thunderbird.remote
        self.subjects += 1
        arrived = len(self.mailbox.messages)
        remote.chrome(COMPOSE, f"Test {self.subjects}", TEXT)
        wait_until("the compose window", lambda: remote.chrome(COMPOSER_READY))
        self.thunderbird.expect(answers, picture)
        time.sleep(0.5)
        self.thunderbird.screenshot_of("messengercompose.xhtml", f"{picture}-compose")
        equal([True, False], remote.value(HOW), "signing, and by OpenPGP")
        remote.chrome(SEND)

        def over():
            self.thunderbird.running()
            if len(self.mailbox.messages) > arrived:
                return "sent"
            events = remote.value("return Cu.getGlobalForObject(Services).assistant.events")
            return "message" if any(event["kind"] == "message" for event in events) else None

        how = wait_until("the message is sent, or Thunderbird says why not", over, 30)
        time.sleep(0.3)
        self.seen = self.thunderbird.seen(messages=True)
        remote.chrome("""
          for (const window of Services.wm.getEnumerator("msgcompose")) {
            window.gContentChanged = false;
            window.setTimeout(() => window.close(), 0);
          }
        """)
        return self.mailbox.messages[-1] if how == "sent" else None

    def signed(self, card, answers, picture):
        message = self.send(answers, f"{card.kind.lower()}-{picture}")
        if message is None:
            raise Failure(f"not sent: {self.seen['events']}")
        path = OUTPUT / f"thunderbird-{card.kind.lower()}-{picture}.eml"
        path.write_bytes(message)
        contains(message.decode(), "multipart/signed", "the message")
        signer = path.with_suffix(".pem")
        result = subprocess.run(
            ["openssl", "cms", "-verify", "-in", path, "-CAfile", HIERARCHY / "roots.pem",
             "-certfile", HIERARCHY / "intermediates.pem", "-signer", signer],
            capture_output=True, text=True, timeout=30)
        if result.returncode:
            raise Failure(f"OpenSSL: {result.stderr}")
        # Thunderbird signs the text in base64.
        text = email.message_from_string(result.stdout).get_payload(decode=True).decode()
        contains(text, TEXT, "what OpenSSL verified")
        serial = subprocess.run(["openssl", "x509", "-in", signer, "-noout", "-serial"], capture_output=True,
                                text=True, check=True).stdout.strip().partition("=")[2]
        equal(card.serial("signature"), serial, "who signed")
        equal(3, card.tries, "tries of the PIN left")
        encoded = base64.b64encode(TEXT.encode())[:16]
        equal(1, message.count(encoded), "the text in the message")
        changed = message.replace(encoded, base64.b64encode(b"Compte RENDU"))
        again = subprocess.run(
            ["openssl", "cms", "-verify", "-CAfile", HIERARCHY / "roots.pem", "-certfile",
             HIERARCHY / "intermediates.pem"], input=changed, capture_output=True, timeout=30)
        if again.returncode == 0:
            raise Failure("a changed message verifies")
        return f"verified by openssl cms; asked {len(answers)} time(s) for the PIN"

    def decrypted(self, card, answers):
        """A message that OpenSSL encrypted to the authentication certificate."""
        message = subprocess.run(
            ["openssl", "cms", "-encrypt", "-aes256", "-from", "confrere@localhost", "-to", "docteur@localhost",
             "-subject", "Confidentiel", card.issued / "authentication.cert.pem"],
            input=f"Content-Type: text/plain\r\n\r\n{TEXT}\r\n", capture_output=True, text=True, check=True).stdout
        if TEXT in message:
            raise Failure("it is not encrypted")
        self.thunderbird.expect(answers)
        self.thunderbird.remote.chrome(READ, message)
        wait_until("the text is shown", lambda: TEXT in self.thunderbird.remote.chrome(SHOWN))
        self.thunderbird.remote.chrome('Services.wm.getMostRecentWindow("mail:messageWindow").close();')
        seen = self.thunderbird.seen()
        equal([], seen["answers"], "answers that nobody asked for")
        equal(len(answers), sum(event["kind"] == "password" for event in seen["events"]), "questions for the PIN")
        equal(3, card.tries, "tries of the PIN left")
        return f"asked {len(answers)} time(s) for the PIN"

    def refused(self, card, answers, tries, verifications, picture):
        before = card.verifications()
        message = self.send(answers, f"{card.kind.lower()}-{picture}")
        if message is not None:
            raise Failure("sent nevertheless")
        equal(tries, card.tries, "tries of the PIN left")
        equal(verifications, card.verifications() - before, "PINs sent to the card")
        return next(event["text"] for event in self.seen["events"] if event["kind"] == "message")


def main():
    report = Report("Thunderbird")
    with mail_server() as (mailbox, port):
        drive(report, mailbox, port)
    return report.finish()


def drive(report, mailbox, port):
    user = UnprivilegedUser("thunderbird")
    thunderbird = Thunderbird(user, "thunderbird", port)
    database = Database(user, thunderbird.profile)
    scenarios = Scenarios(thunderbird, mailbox, report)
    report.on_failure = lambda name: thunderbird.screenshot("failed-" + re.sub(r"\W+", "-", name), "chrome")
    try:
        with Card("CPS4") as card:
            if not scenarios.check("modutil registers the module", register, database):
                return
            if not scenarios.check("start: no PIN asked", scenarios.start):
                return
            scenarios.check("CPS4: the signature certificate is chosen", scenarios.choose, card)
            scenarios.check("CPS4: cancelled PIN dialog costs no try", scenarios.refused, card, [None], 3, 0, "cancelled")
            scenarios.check("CPS4: wrong PIN, then cancelled: exactly one try", scenarios.refused, card,
                            [WRONG_PIN, None], 2, 1, "wrong-pin")
            scenarios.check("CPS4: a signed message", scenarios.signed, card, [PIN], "signed")
            scenarios.check("CPS4: another one, no second PIN", scenarios.signed, card, [], "signed-again")
            for event in EVENTS:
                scenarios.check(f"CPS4: another program {event}: the next message asks once", scenarios.asks_again, card, event)
            card.remove()
            scenarios.check("CPS4 pulled: a message, no crash", scenarios.refused, card, [], 3, 0, "pulled")
            card.insert()
            let_nss_look()
            scenarios.check("CPS4 back: a signed message", scenarios.signed, card, [PIN], "back")
            scenarios.check("CPS4: an encrypted message, no second PIN", scenarios.decrypted, card, [])
        with Card("CPS3") as card:
            let_nss_look()
            scenarios.check("CPS3: the signature certificate is chosen", scenarios.choose, card)
            scenarios.check("CPS3: an encrypted message", scenarios.decrypted, card, [PIN])
            scenarios.check("CPS3: a signed message, no second PIN", scenarios.signed, card, [], "signed")
        scenarios.check("clean end", scenarios.clean_end)
        with Card("CPS4") as card:
            scenarios.check("pcscd does not answer: start; then a signed message",
                            scenarios.starts_beside_a_stopped_pcscd, card)
        scenarios.check("modutil undoes it", database.unregister)
        scenarios.check("without it no start is much faster", scenarios.no_slower_than_without,
                        lambda: database.register(FULL_LIBRARY), database.unregister)
    finally:
        report.on_failure = None
        thunderbird.kill()


if __name__ == "__main__":
    sys.exit(main())
