# SPDX-License-Identifier: Apache-2.0
"""Checks with names, a line each, and the counts for run.sh."""

import os
import time
import traceback


class Failure(Exception):
    """What was seen is not what must be."""


def equal(expected, actual, what):
    if expected != actual:
        raise Failure(f"{what}: expected {expected!r}, got {actual!r}")


def contains(text, part, what):
    if part not in text:
        raise Failure(f"{what}: {part!r} is missing in {text!r}")


class Report:
    def __init__(self, client):
        self.client = client
        self.passed = self.failed = 0
        self.on_failure = None

    def check(self, name, test, *arguments):
        start = time.monotonic()
        try:
            detail = test(*arguments)
            result = "ok"
            self.passed += 1
        except Exception as error:  # noqa: BLE001 - whatever it was, the next check goes on
            result = "FAIL"
            self.failed += 1
            detail = None
            where = traceback.extract_tb(error.__traceback__)[-1]
            reason = f"{type(error).__name__}: {error} ({where.filename.rpartition('/')[2]}:{where.lineno})"
            if self.on_failure:
                try:
                    self.on_failure(name)
                except Exception:  # noqa: BLE001
                    pass
        print(f"  {result:4}  {self.client}: {name} ({time.monotonic() - start:.1f} s)", flush=True)
        if result == "FAIL":
            print("        " + reason.replace("\n", "\n        "), flush=True)
        elif detail:
            print(f"        {detail}", flush=True)
        return result == "ok"

    def finish(self):
        counts = os.environ.get("CPS_TEST_COUNTS")
        if counts:
            with open(counts, "w") as file:
                file.write(f"{self.passed} {self.failed} 0\n")
        print(f"  {self.passed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed else 0
