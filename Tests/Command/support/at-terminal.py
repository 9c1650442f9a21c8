# SPDX-License-Identifier: Apache-2.0
"""Runs a command at a terminal of its own and types for the person.

    at-terminal.py [QUESTION=>ANSWER]... -- COMMAND...

Each answer is typed when its question has been shown; ^C, ^D, ^Z are these keys,
kill:TERM is the signal, and sh:COMMAND;;ANSWER has a shell do something before. What the
terminal showed goes to stdout, with a line when the command was stopped (it is continued
then) and one that says at the end whether the terminal shows what is typed again. The exit status is the command's, 128 and the
number when a signal ended it. The terminal has AT_TERMINAL_COLUMNS columns, else 80.
"""
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

PATIENCE = 60
KEYS = {"^C": b"\x03", "^D": b"\x04", "^Z": b"\x1a"}


def echo(descriptor):
    return "on" if termios.tcgetattr(descriptor)[3] & termios.ECHO else "OFF"


def lead(command):
    """The session's leader: a shell with job control, as far as it is needed here."""
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        # Also where the tests run in the background of a shell, which has them ignored.
        for number in signal.SIGTTOU, signal.SIGINT, signal.SIGQUIT:
            signal.signal(number, signal.SIG_DFL)
        try:
            os.execvp(command[0], command)
        except OSError as error:
            os.write(2, str(error).encode())
            os._exit(127)
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            os.tcsetpgrp(0, os.getpgrp())
            os.write(1, b"[stopped, echo %s]\r\n" % echo(0).encode())
            os.tcsetpgrp(0, child)
            os.kill(-child, signal.SIGCONT)
            continue
        os.write(1, b"[ended, echo %s]\r\n" % echo(0).encode())
        os._exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))


def main():
    split = sys.argv.index("--")
    answers = [pair.split("=>", 1) for pair in sys.argv[1:split]]
    leader, terminal = pty.fork()
    if leader == 0:
        size = struct.pack("HHHH", 24, int(os.environ.get("AT_TERMINAL_COLUMNS", "80")), 0, 0)
        fcntl.ioctl(0, termios.TIOCSWINSZ, size)
        os.environ["TERM"] = "xterm"
        lead(sys.argv[split + 1:])
    screen, read_from, end = b"", 0, time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 0.2)[0]:
            continue
        try:
            some = os.read(terminal, 4096)
        except OSError:
            break
        if not some:
            break
        screen += some
        while answers and answers[0][0].encode() in screen[read_from:]:
            question, answer = answers.pop(0)
            read_from = screen.index(question.encode(), read_from) + len(question.encode())
            if answer.startswith("sh:"):
                command, answer = answer[3:].split(";;", 1)
                os.system(command)
            if answer.startswith("kill:"):
                os.killpg(os.tcgetpgrp(terminal), getattr(signal, "SIG" + answer[5:]))
            else:
                os.write(terminal, KEYS.get(answer, answer.encode() + b"\n"))
    sys.stdout.buffer.write(screen.replace(b"\r\n", b"\n"))
    sys.stdout.flush()
    if time.monotonic() >= end:
        os.kill(leader, signal.SIGKILL)
        print("\nit waits for something else: " + str(answers))
    _, status = os.waitpid(leader, 0)
    if answers:
        print("\nnever asked: " + str(answers))
        sys.exit(99)
    sys.exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 98)


main()
