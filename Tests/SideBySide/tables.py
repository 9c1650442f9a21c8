# SPDX-License-Identifier: Apache-2.0
"""What programs do to each other on one card.

    tables.py full [PROGRAM...]    both tables, as Markdown, on standard output; what is not as
                                   it should be is told on standard error, and the exit status is 1
    tables.py short [PROGRAM...]   one life of each program on each card, as tests

The first table has each program as the one that ends, in each way that it can; the second
one as the one that stays, after each event. `programs` has a class for each program.
"""

import sys
import time

from desk import Desk, in_words
from events import EVENTS, HARMLESS_EVENTS
from programs.chromium import Chromium
from programs.cps import Info, Sign
from programs.firefox import Firefox
from programs.java import Java
from programs.openssh import SSHAgent
from programs.pkcs11_tool import PKCS11Tool
from programs.program import CLOSED, EITHER, OPEN, Refused
from programs.stunnel import Stunnel, StunnelDaemon
from programs.thunderbird import Thunderbird
from support.report import Failure, Report, equal

PROGRAMS = [Firefox, Chromium, Thunderbird, Stunnel, StunnelDaemon, Java, SSHAgent, PKCS11Tool, Info, Sign]
CARDS = ["CPS3", "CPS4"]


def desk_for(program, card):
    return Desk(card, *program.card_options)


# The first table: the program that ends.

def check_end(program, way, entries, state, words):
    """Right after the end; before it the register had so many entries."""
    expected = program.ways[way]
    if expected != EITHER:
        equal(expected, state, "the card for a program without a PIN, right after the end")
        equal(in_words(0, entries if expected == OPEN else 0), words, "the register right after the end")


def check_later(state, words):
    """When another program of ours has called."""
    equal(CLOSED, state, "the card for a program without a PIN, once another one has called")
    equal("empty", words, "the register, once another program has called")


def end(program_class, way, card):
    """One cell: what is left right after the end, and after 5 s with a program that calls every 2 s."""
    with desk_for(program_class, card) as desk:
        bystander = desk.bystander()
        program = desk.put(program_class)
        if program.is_brief:
            program.start()
        else:
            equal(in_words(1, program.processes - 1), desk.register.words, "the register before the end")
        program.end(way)
        at_once = desk.state, desk.register.words
        start = time.monotonic()
        for moment in (2, 4, 5):
            time.sleep(max(0, start + moment - time.monotonic()))
            if moment != 5:
                bystander.call()
        later = desk.state, desk.register.words
    check_end(program, way, program.processes, *at_once)
    check_later(*later)
    return f"{at_once[0]}; {at_once[1]}", f"{later[0]}; {later[1]}"


# The second table: the program that stays.

def attempt(program, action):
    """What the person sees, how long it takes, and how many PINs the card gets."""
    before = program.card.verifications()
    start = time.monotonic()
    try:
        seen, refusal = action(), None
    except Refused as error:
        seen, refusal = None, str(error)
    return seen, refusal, program.card.verifications() - before, time.monotonic() - start


def stay(program, words):
    """One cell: what the person sees after the event, with the PINs and the seconds until it works."""
    event, stands = EVENTS[words]
    if program.is_brief:
        program.start()
    event(program.desk)
    time.sleep(program.pause)
    operations = program.card.key_operations()
    seen, refusal, pins, seconds = attempt(program, program.use)
    text = seen
    if refusal is not None:
        seen, second_refusal, more, cure_seconds = attempt(program, program.use_again)
        if seen is None:
            raise Failure(f"{refusal}; {program.cure}: {second_refusal}")
        text = f"“{refusal}”; {program.cure}: {seen}"
        pins, seconds = pins + more, seconds + cure_seconds
    if not program.is_brief and program.card.key_operations() == operations:
        raise Failure(f"{text}: without the card")
    # Who must start it again is asked anew, whatever the event.
    if stands and (refusal is not None or pins):
        raise Failure(f"the login did not outlive it: {text}, {pins} PIN(s)")
    if not stands and not program.is_brief and pins != program.processes:
        raise Failure(f"{text}: {pins} PINs")
    return text, str(pins), f"{seconds:.1f}"


def stays(program_class, card):
    """A column of the second table: of one program on one card."""
    cells = {}
    with desk_for(program_class, card) as desk:
        program = desk.put(program_class)
        for words in EVENTS:
            if program.is_over():
                program = desk.put(program_class)
            cells[words] = seen_by(f"{program_class.name}, {card}, {words}", 3, stay, program, words)
    return cells


# Markdown.

failures = []


def seen_by(where, width, test, *arguments):
    """The cells of a test; what it fails with is told, and stands in the table."""
    start = time.monotonic()
    try:
        cells = test(*arguments)
        note = ""
    except Exception as error:  # noqa: BLE001 - the other cells are wanted all the same
        note = f"{type(error).__name__}: {error}"
        failures.append(f"{where}: {note}")
        cells = (f"**{note}**",) + ("",) * (width - 1)
    print(f"  {where} ({time.monotonic() - start:.1f} s) {note}", file=sys.stderr, flush=True)
    return cells


def row(*cells):
    print("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |", flush=True)


def heading(*cells):
    row(*cells)
    row(*["---"] * len(cells))


def table_of_ends(programs):
    print("The program that ends: what a program that knows no PIN finds, and the register; right after the end, "
          "and 5 s later beside a connected program that calls every 2 s.\n")
    heading("Program", "Ends by", *(f"{card}, {when}" for card in CARDS for when in ("at once", "5 s later")))
    for program in programs:
        for way in program.ways:
            cells = [cell for card in CARDS
                     for cell in seen_by(f"{program.name}, {way}, {card}", 2, end, program, way, card)]
            row(program.name, way, *cells)


def table_of_stays(programs):
    print("\nThe program that stays, logged in: what the person sees at the next use after the event, how many PINs "
          "the card gets from then on, and the seconds until it works.\n")
    heading("Program", "Event", *(f"{card}{what}" for card in CARDS for what in ("", ": PINs", ": s")))
    for program in programs:
        columns = [stays(program, card) for card in CARDS]
        for words in EVENTS:
            row(program.name, words, *(cell for column in columns for cell in column[words]))


def chosen(names):
    return [program for program in PROGRAMS if not names or program.name.strip("`") in names]


def full(programs):
    table_of_ends(programs)
    table_of_stays(programs)
    print(f"{len(failures)} not as it should be", file=sys.stderr)
    for failure in failures:
        print(f"  {failure}", file=sys.stderr)
    return 1 if failures else 0


# The short form: one life.

def outlives(program, words):
    text, _, seconds = stay(program, words)
    return f"{text} ({seconds} s)"


def ends(program, bystander):
    if program.is_brief:
        program.start()
    desk = program.desk
    entries = sum(desk.register.counts)
    way = next(iter(program.ways))
    program.end(way)
    check_end(program, way, entries, desk.state, desk.register.words)
    # Programs look every 300 ms at most.
    time.sleep(0.4)
    bystander.call()
    check_later(desk.state, desk.register.words)


def life(report, program_class, card):
    with desk_for(program_class, card) as desk:
        bystander = desk.bystander()
        programs = []
        name = f"{card}: {program_class.name}"
        if not report.check(f"{name}: starts", lambda: programs.append(desk.put(program_class))):
            return
        program = programs[0]
        for words in [] if program.is_brief else HARMLESS_EVENTS:
            report.check(f"{name}: {words}: no PIN is asked for", outlives, program, words)
            if program.is_over():
                program.start()
        report.check(
            f"{name}: {next(iter(program.ways))}: the card is closed, or the next call closes it", ends, program,
            bystander)


def short(programs):
    report = Report("side by side")
    for card in CARDS:
        for program_class in programs:
            life(report, program_class, card)
    return report.finish()


if __name__ == "__main__":
    sys.exit((full if sys.argv[1] == "full" else short)(chosen(sys.argv[2:])))
