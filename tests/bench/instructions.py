#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Counts the instructions of a packet, and holds them to instructions.limits.

instructions.py VALGRIND PROGRAM COMPILER LIMITS [DIR]

DIR is where callgrind's files are left to be looked at; without it they are not kept.
"""
import glob
import math
import re
import subprocess
import sys
import tempfile

SLACK = 1.15
COMPILERS = ("gcc", "clang")


def counts(valgrind, program, where):
    """What each item cost: instructions a call, from its two dumps."""
    command = [valgrind, "--quiet", "--tool=callgrind", "--collect-atstart=no",
               "--compress-strings=no", f"--callgrind-out-file={where}/out", program]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        sys.exit(f"{' '.join(command)}: status {ran.returncode}\n{ran.stdout}{ran.stderr}")
    runs = {}
    for path in sorted(glob.glob(f"{where}/out.*"), key=lambda p: int(p.rpartition(".")[2])):
        with open(path, encoding="utf-8") as dump:
            text = dump.read()
        label = re.search(r"^desc: Trigger: Client Request: (\d+) (\S+)$", text, re.M)
        total = re.search(r"^(?:totals|summary): (\d+)$", text, re.M)
        if label and total:
            runs.setdefault(label.group(2), []).append((int(label.group(1)), int(total.group(1))))
    return {name: slope(*sorted(both)) for name, both in runs.items()}


def slope(once, twice):
    return (twice[1] - once[1]) / (twice[0] - once[0])


def limits(path):
    """The table, and the ratios: (name, to what, at most)."""
    table, ratios = {}, []
    with open(path, encoding="utf-8") as text:
        for line in text:
            words = line.split("#")[0].split()
            if words and words[1] == "/":
                ratios.append((words[0], words[2], float(words[3])))
            elif words:
                table[words[0]] = dict(zip(COMPILERS, map(int, words[1:])))
    return table, ratios


def judge_ratios(ratios, found):
    """The names of those that are too large, or of which there are no figures."""
    wrong = []
    for name, other, most in ratios:
        ratio = found[name] / found[other] if name in found and other in found else math.inf
        wrong += [name] if ratio > most else []
        print(f"{name} / {other}: {ratio:.3f} of {most}{'  EXCEEDED' if ratio > most else ''}")
    return wrong


def main():
    if len(sys.argv) not in (5, 6):
        print(__doc__, file=sys.stderr)
        return 64
    valgrind, program, compiler, path = sys.argv[1:5]
    if compiler not in COMPILERS:
        print(f"no limits are known for {compiler}")
        return 77
    allowed, ratios = limits(path)
    with tempfile.TemporaryDirectory() as scratch:
        found = counts(valgrind, program, sys.argv[5] if len(sys.argv) == 6 else scratch)
    wrong = sorted(set(allowed) ^ set(found))
    for name in wrong:
        print(f"{name}: stands in one of the table and the program, not in both")
    for name, cost in found.items():
        most = allowed.get(name, {}).get(compiler, 0)
        over = cost > most
        wrong += [name] if over else []
        print(f"{name:28} {cost:8.1f} of {most:5}{'  EXCEEDED' if over else ''}   "
              f"row of today: {round(cost * SLACK)}")
    wrong += judge_ratios(ratios, found)
    if wrong:
        print(f"what to do: {path}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
