# SPDX-License-Identifier: Apache-2.0
"""Compares a PKCS#11 module with another one, or with answers that are written down.

  compare.py answers  PLAYER MODULE READER CARD FILE
      Plays the sequences of FILE and compares each answer with the one that stands there.
  compare.py modules  PLAYER OURS READER OTHER READER CARD [--sequences N] [--seed N] [--file FILE]
      Plays N random sequences (and those of FILE) to two modules, each with a card of its
      own in a reader of its own, and prints the differences that differences.table does
      not name, each in its shortest sequence. A sequence ends at its first difference: what
      comes after it follows from it.
  compare.py document DOCUMENT
      Checks that each difference in differences.table stands in the document.

The last line is "N passed, N failed".
"""

import argparse
import fnmatch
import pathlib
import random
import re
import selectors
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
PATIENCE = 60  # seconds for one call


class Player:
    """A module in a process of its own."""

    def __init__(self, program, module, reader):
        self.command = [program, module, reader]
        self.process = None

    def start(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        self.process = None

    def call(self, line):
        """The answer; `ended` or `hung` for a module that gave none."""
        if self.process is None:
            self.start()
        try:
            self.process.stdin.write(line + "\n")
        except BrokenPipeError:
            pass
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            ready = selector.select(PATIENCE)
        answer = self.process.stdout.readline().strip() if ready else ""
        if answer:
            return answer
        self.stop()
        return "ended" if ready else "hung"


# ---- Known differences ----


def known_differences():
    """(call, other answer, our answer, cards, row of the document) of each line."""
    rows = []
    for number, line in enumerate((HERE / "differences.table").read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        fields = [field.strip() for field in line.split(" | ")]
        if len(fields) != 5:
            sys.exit(f"differences.table:{number}: not five fields")
        rows.append((*[re.compile(field) for field in fields[:3]], fields[3].split(), fields[4]))
    return rows


def is_known(rows, card, call, other, ours):
    return next(
        (
            row
            for row in rows
            if row[0].fullmatch(call) and row[1].fullmatch(other) and row[2].fullmatch(ours) and card in row[3]
        ),
        None,
    )


# ---- Sequences ----

SESSIONS = "abc"
KEYS = ["sig", "aut", "pubsig", "pubaut", "cert", "own", "0"]
SIGNING = ["rsa", "sha1rsa", "sha256rsa", "pss", "sha256pss", "sha1", "des"]
LENGTHS = ["0", "1", "20", "32", "35", "51", "64", "100", "245", "246", "300", "1000"]
ROOMS = ["n", "0", "19", "20", "32", "64", "255", "256", "512", "z"]
ATTRIBUTES = (
    "CLASS TOKEN PRIVATE LABEL APPLICATION VALUE CERTIFICATE_TYPE ISSUER SERIAL_NUMBER KEY_TYPE SUBJECT ID SENSITIVE "
    "ENCRYPT DECRYPT WRAP UNWRAP SIGN VERIFY DERIVE MODULUS MODULUS_BITS PUBLIC_EXPONENT PRIVATE_EXPONENT EXTRACTABLE "
    "LOCAL MODIFIABLE"
).split()


def random_call(chance, wrong):
    """One call; `wrong` is a list that has an entry for each wrong PIN so far."""
    pick = chance.choice
    s = pick(SESSIONS) if chance.random() < 0.95 else pick("0x")

    def pin():
        if chance.random() < 0.8 or len(wrong) >= 2:
            return "1234"
        wrong.append(1)
        return "9999"

    key = pick(["sig", "aut"]) if chance.random() < 0.7 else pick(KEYS)
    public = pick(["pubsig", "pubaut"]) if chance.random() < 0.7 else pick(KEYS)
    mechanism = pick(["rsa", "sha256rsa"]) if chance.random() < 0.5 else pick(SIGNING)
    digest = pick(["sha1", "sha256"]) if chance.random() < 0.9 else pick(SIGNING)
    length = pick(["20", "32", "35", "51"]) if chance.random() < 0.5 else pick(LENGTHS)
    room = "256" if chance.random() < 0.5 else pick(ROOMS)
    return pick(
        [
            f"open {s if s in SESSIONS else 'a'} {pick(['ro', 'rw', 'rw', 'none'])}",
            f"open {s if s in SESSIONS else 'a'} {pick(['ro', 'rw'])}",
            f"close {s}",
            f"session-info {s}",
            f"login {s} user {pin()}",
            f"login {s} user {pick(['1234', '1234', '1234', 'abcd'])}",
            f"logout {s}",
            f"set-pin {s} {pin()} 1234",
            f"slot-info {pick('01')}",
            f"token-info {pick('01')}",
            f"mechanism {pick(SIGNING)}",
            f"find {s} CLASS={pick('0123')}",
            f"find {s} {pick(['', 'CLASS=1 LABEL=Certificat_de_Signature_CPS', 'LABEL=CPS_DATA', 'TOKEN=1', 'PRIVATE=1'])}".strip(),
            f"find-next {s} {pick(['1', '3', '100'])}",
            f"find-final {s}",
            f"get {s} {pick(['sig', 'aut', 'pubsig', 'pubaut', 'cert', 'name', 'activity', 'own', '0'])} {pick(ATTRIBUTES)}",
            f"get {s} {pick(['cert', 'name', 'own'])} VALUE {pick(['n', '0', '1'])}",
            f"set {s} own VALUE {pick('xy')} {pick(['1', '10', '100', '100000'])}",
            f"sign-init {s} {mechanism} {key}",
            f"sign-init {s} {mechanism if chance.random() < 0.9 else 'none'} {key}",
            f"sign {s} {length} {room}",
            f"sign {s} {length} 256",
            f"sign-update {s} {length}",
            f"sign-final {s} {room}",
            f"verify-init {s} {mechanism} {public}",
            f"verify {s} {length}",
            f"verify-update {s} {length}",
            f"verify-final {s}",
            f"digest-init {s} {digest}",
            f"digest {s} {length} {room}",
            f"digest-update {s} {length}",
            f"digest-final {s} {room}",
            f"encrypt-init {s} {'rsa' if chance.random() < 0.9 else pick(['pss', 'x509'])} {public}",
            f"encrypt {s} {length} {room}",
            f"decrypt-init {s} rsa {key}",
            f"decrypt {s} {room}",
            f"random {s} {pick(['0', '8', '100'])}",
        ]
    )


def random_sequence(seed, number):
    chance = random.Random(f"{seed} {number}")
    wrong = []
    start = ["init", "open a rw"] + (["login a user 1234"] if chance.random() < 0.7 else [])
    return start + [random_call(chance, wrong) for _ in range(chance.randint(10, 40))]


def read_sequences(file, card):
    """(title, [(call, answer)]) of each sequence. A line is `call > answer`, where `*` stands for
    anything; one that begins with the names of cards and a colon is for these only."""
    sequences = []
    for line in pathlib.Path(file).read_text().splitlines():
        if line.startswith("== "):
            sequences.append((line[3:], []))
        elif line and not line.startswith("#"):
            cards, _, rest = line.partition(": ") if re.match(r"[a-z0-9 ]+: ", line) else ("", "", line)
            if cards and card not in cards.split():
                continue
            call, _, answer = rest.partition(" > ")
            sequences[-1][1].append((call, answer))
    return [sequence for sequence in sequences if sequence[1]]


# ---- Comparing ----


def first_difference(players, calls):
    """(index, answers) of the first call that the players answer in different ways."""
    for player in players:
        player.call("restore")
    for index, call in enumerate(calls):
        answers = [player.call(call) for player in players]
        if answers[0] != answers[1]:
            return index, answers
    return None


def shrunk(players, calls, wanted):
    """The sequence without all that the difference does not need."""

    def shows_it(candidate):
        found = first_difference(players, candidate)
        return found and candidate[found[0]] == wanted[0] and found[1] == wanted[1]

    index = 0
    while index < len(calls) - 1:
        shorter = calls[:index] + calls[index + 1 :]
        if shows_it(shorter):
            calls = shorter
        else:
            index += 1
    return calls


def compare_modules(options):
    players = [
        Player(options.player, options.ours, options.our_reader),
        Player(options.player, options.other, options.other_reader),
    ]
    rows, passed, known, unknown, calls_made = known_differences(), 0, {}, {}, 0
    sequences = []
    if options.file:
        sequences += [[call for call, _ in calls] for _, calls in read_sequences(options.file, options.card)]
    for number in range(len(sequences) + options.sequences):
        calls = sequences[number] if number < len(sequences) else random_sequence(options.seed, number)
        found = first_difference(players, calls)
        calls_made += found[0] + 1 if found else len(calls)
        if not found:
            passed += 1
            continue
        index, (ours, other) = found
        row = is_known(rows, options.card, calls[index], other, ours)
        if row:
            known[row[4]] = known.get(row[4], 0) + 1
            passed += 1
            continue
        code = (re.sub(r"^(\S+) \w", r"\1 a", calls[index]), ours.split()[0], other.split()[0])
        unknown[code] = unknown.get(code, 0) + 1
        if unknown[code] == 1:
            short = shrunk(players, calls[: index + 1], (calls[index], [ours, other]))
            print(f"  FAIL  sequence {number}: ours {ours}, other {other}\n        " + "; ".join(short), flush=True)
    for player in players:
        player.stop()
    for name, count in sorted(known.items(), key=lambda item: -item[1]):
        print(f"  note  known, {count} times: {name}")
    print(f"  note  {calls_made} calls in {number + 1} sequences")
    print(f"  {passed} passed, {sum(unknown.values())} failed")
    return not unknown


def compare_answers(options):
    player = Player(options.player, options.ours, options.our_reader)
    passed = failed = 0
    for title, calls in read_sequences(options.file, options.card):
        player.call("restore")
        for call, expected in calls:
            answer = player.call(call)
            if options.print:
                print(f"{title}: {call} > {answer}")
            if fnmatch.fnmatchcase(answer, expected):
                passed += 1
                continue
            failed += 1
            print(f"  FAIL  {title}: {call}: expected {expected}, got {answer}")
            break
    player.stop()
    print(f"  {passed} passed, {failed} failed")
    return failed == 0 and passed > 0


def check_document(options):
    text = " ".join(pathlib.Path(options.document).read_text().split())
    rows = known_differences()
    missing = [row[4] for row in rows if row[4] not in text]
    for name in missing:
        print(f"  FAIL  {options.document} does not have: {name}")
    print(f"  {len(rows) - len(missing)} passed, {len(missing)} failed")
    return not missing


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    answers = commands.add_parser("answers")
    for name in ["player", "ours", "our_reader", "card", "file"]:
        answers.add_argument(name)
    answers.add_argument("--print", action="store_true")
    modules = commands.add_parser("modules")
    for name in ["player", "ours", "our_reader", "other", "other_reader", "card"]:
        modules.add_argument(name)
    modules.add_argument("--sequences", type=int, default=100)
    modules.add_argument("--seed", type=int, default=1)
    modules.add_argument("--file")
    document = commands.add_parser("document")
    document.add_argument("document")
    options = parser.parse_args()
    what = {"answers": compare_answers, "modules": compare_modules, "document": check_document}[options.command]
    sys.exit(0 if what(options) else 1)


main()
