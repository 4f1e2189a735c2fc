#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every include looks sideways or down, few read a clock, and the pure rooms count in whole numbers."""
import os
import re
import sys

# room -> the rooms that it may include, itself besides; True: ISO C and uthash alone.
ROOMS = {
    "shared/base": ((), True),
    "shared/wire": (("shared/base",), True),
    "shared/estimate": (("shared/base",), True),
    "sender/core": (("shared/base", "shared/wire", "shared/estimate"), True),
    "receiver/core": (("shared/base", "shared/wire", "shared/estimate"), True),
    "shared/io": (("shared/base",), False),
    "web": (("shared/io", "shared/base"), False),
    "sender": (("sender/core", "web", "shared/io", "shared/wire", "shared/estimate", "shared/base"), False),
    "receiver": (("receiver/core", "web", "shared/io", "shared/wire", "shared/estimate", "shared/base"), False),
    "lab": (("shared/wire", "shared/base"), False),
    "lab/emulator": (("lab", "shared/wire", "shared/base"), False),
    "lab/judge": (("lab", "shared/wire", "shared/base"), False),
    "lab/srt": (("lab", "shared/wire", "shared/base"), False),
}
ISO_C = {
    "assert.h", "ctype.h", "errno.h", "inttypes.h", "limits.h", "stdalign.h", "stdarg.h",
    "stdbool.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h", "stdnoreturn.h", "string.h", "uthash.h",
}
# Worlds that only one file may know.
KEEPERS = {"ini.h": "shared/io/conffile.c", "seccomp.h": "shared/io/sandbox_calls.c",
           "linux/landlock.h": "shared/io/sandbox_files.c",
           "ev.h": "shared/io/loop.c", "ares.h": "shared/io/resolve.c",
           "libmnl/libmnl.h": "shared/io/netlink.c", "microhttpd.h": "shared/io/http.c"}
# Who reads which clock.  F26: the wall clock is read to be shown, and so may be set at any time.
CLOCKS = {
    "shared/io/loop.c": ("CLOCK_MONOTONIC", "CLOCK_REALTIME"),
    "shared/io/boot.c": ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC"),
    "shared/io/log.c": ("CLOCK_REALTIME", "CLOCK_MONOTONIC_COARSE"),
    "lab/srt/moment.c": ("CLOCK_MONOTONIC", "CLOCK_REALTIME"),
    "sender/bundle.c": ("CLOCK_REALTIME",),
    "sender/snapshot.c": ("CLOCK_REALTIME",),
    "receiver/keep.c": ("CLOCK_MONOTONIC",),
    "receiver/scene.c": ("CLOCK_REALTIME",),
    "lab/emulator/emulator.c": ("CLOCK_MONOTONIC",),
}
CLOCK = re.compile(r"\b(?:clock_gettime|clock|gettimeofday|timespec_get|time|ev_now|ev_time)\((\w*)")
# What is no code, and what in code is no whole number: a type, or 1.5, 1e3, .5f.
ASIDE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
FLOAT = re.compile(r"\b(?:float|double|_Complex|_Decimal\d+)\b|\b\d+[eE][+-]?\d|(?<![\w.])\d*\.\d|\b\d+\.(?!\w)")
INCLUDE = re.compile(r'\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')


def floats(text):
    """Where C code counts in fractions: (line, what)."""
    code = ASIDE.sub(lambda aside: re.sub(r"[^\n]", " ", aside.group()), text)
    for number, line in enumerate(code.split("\n"), 1):
        for found in FLOAT.finditer(line):
            yield number, found.group()


def check_floats():
    """The one of these checks that could go blind unseen."""
    for line in ("double x;", "x = (float)y;", "x * 1.5", "x = .5f;", "1e6", "f(2.)", "/* */ 3.0 // 1"):
        assert len(list(floats(line))) == 1, line
    for line in ("/* a double 1.5 */ x", "\"%.2f 1.5\"", "int doubled, x1e6;", "0x1e5, .len = 3, a[1].b",
                 "// 0.5", "'.'", "f(int n, ...)", "// it's\nx /* don't 1.5 */"):
        assert not list(floats(line)), line


def faults(top, room):
    may, pure = ROOMS[room]
    for name in sorted(os.listdir(os.path.join(top, room))):
        if not name.endswith((".c", ".h")):
            continue
        path = f"{room}/{name}"
        with open(os.path.join(top, path), encoding="utf-8") as text:
            lines = text.readlines()
            for number, what in floats("".join(lines)) if pure else ():
                yield f"{path}:{number}: {room} is pure and has no use for {what}"
            for number, line in enumerate(lines, 1):
                clock = CLOCK.search(line)
                if clock and clock.group(1) not in CLOCKS.get(path, ()):
                    yield f"{path}:{number}: {clock.group(0)}) is not for this file to read"
                found = INCLUDE.match(line)
                if not found:
                    continue
                ours, system = found.groups()
                where = f"{path}:{number}: {room}"
                if ours and os.path.dirname(ours) not in (room, *may):
                    yield f"{where} may not include \"{ours}\""
                if system and pure and system not in ISO_C:
                    yield f"{where} is pure and may not include <{system}>"
                if system in KEEPERS and KEEPERS[system] != path:
                    yield f"{where}: <{system}> belongs to {KEEPERS[system]} alone"


def main():
    check_floats()
    top = sys.argv[1] if len(sys.argv) > 1 else "."
    found = [fault for room in ROOMS for fault in faults(top, room)]
    print("\n".join(found) or "every include looks sideways or down, and every clock has its reader")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
