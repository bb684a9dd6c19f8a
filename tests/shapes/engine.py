"""The pointsman binary, as the tests of real shapes use it: files in, lines of JSON out."""

import json
import os
import subprocess
from fractions import Fraction
from pathlib import Path

BINARY = os.environ.get("POINTSMAN", str(Path(__file__).parents[2] / "target" / "release" / "pointsman"))


def _run(*arguments, text=None):
    return subprocess.run([BINARY, *map(str, arguments)], input=text, capture_output=True, text=True, timeout=120)


def findings(*arguments):
    """What `check` finds: a list of objects."""
    done = _run("check", "--json", *arguments)
    if done.returncode not in (0, 1):
        raise AssertionError(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def apply(batch, *arguments):
    """The zone after a change batch, or why it is refused."""
    done = _run("apply", *arguments, "--batch", batch)
    return (done.stdout, None) if done.returncode == 0 else (None, done.stdout + done.stderr)


def odds(folder, zone, report, queries):
    """Every answer with its odds, for each query: the lines of JSON as objects."""
    (folder / "report.json").write_text(json.dumps(report))
    lines = "".join(json.dumps(query) + "\n" for query in queries)
    done = _run("odds", "--queries", "-", *zone, "-H", folder / "report.json", text=lines)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode != 0 or len(answers) != len(queries):
        raise AssertionError(f"exit {done.returncode}: {done.stderr}{done.stdout[:2000]}")
    return answers


def outcomes(answer):
    """The values of each possible answer with its probability; of a random eight of many, the many."""
    told = {}
    for outcome in answer["outcomes"]:
        values = outcome["values"] if "values" in outcome else [v for m in outcome["members"] for v in m["values"]]
        key = tuple(sorted(values or [outcome.get("alias_target", "")]))
        told[key] = told.get(key, 0) + Fraction(outcome["ratio"])
    return told


class Tally:
    """Counts checks, shows what failed, and ends with the line that counts."""

    def __init__(self, name):
        self.name, self.passed, self.failed = name, 0, 0

    def check(self, what, found, wanted):
        if found == wanted:
            self.passed += 1
        else:
            self.failed += 1
            if self.failed <= 20:
                print(f"FAILED {what}\n  found  {found}\n  wanted {wanted}")

    def end(self):
        print(f"{self.name}: {self.passed} passed, {self.failed} failed")
        raise SystemExit(1 if self.failed or not self.passed else 0)
