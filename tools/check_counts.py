#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check_counts.py TESTLOG: what meson's testlog.json says.

The end of what each failed test said; then one line: how many passed, failed, were skipped.
"""
import json
import sys

LINES = 40


def main():
    passed = failed = skipped = 0
    with open(sys.argv[1], encoding="utf-8") as log:
        for line in log:
            test = json.loads(line)
            if test["result"] in ("OK", "EXPECTEDFAIL"):
                passed += 1
                continue
            if test["result"] == "SKIP":
                skipped += 1
                print(f"skipped: {test['name']}")
                continue
            failed += 1
            print(f"FAILED: {test['name']} ({test['result']}, {test['duration']:.1f} s)")
            said = (test.get("stdout") or "") + (test.get("stderr") or "")
            print("\n".join("    " + text for text in said.splitlines()[-LINES:]))
    print(passed, failed, skipped)


main()
