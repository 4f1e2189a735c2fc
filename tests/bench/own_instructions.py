#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How many instructions of user space a packet of media costs in each program, and where.

own_instructions.py VALGRIND LOAD [--io WAY] [--rate PACKETS] [--packets N] [--top N]

srtla_send (SRTLA_SEND) or srtla_rec (SRTLA_REC) runs under callgrind, and the other one beside it
as it is: encoder, four links of the loopback, server, feedback and all.  In steady session the
counting is switched on for N packets and again for 2N; the difference is what N packets take,
whatever the load on the machine.  To be run in a network namespace of its own, by own_instructions.sh.
"""
import argparse
import collections
import glob
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

import bench_io_pairs as pairs

ROOMS = (("sender/core", "sender/core/"), ("receiver/core", "receiver/core/"),
         ("shared/wire", "shared/wire/"), ("shared/base", "shared/base/"),
         ("shared/estimate", "shared/estimate/"), ("shared/io", "shared/io/"),
         ("sender", "sender/"), ("receiver", "receiver/"))
SOURCES = re.compile(r"(?:^|/)((?:sender|receiver|shared)/[\w/]+\.[ch])$")
PATIENCE = 30  # seconds


def room_of(file, library):
    """The room that a line of this file, in this object, belongs to."""
    ours = SOURCES.search(file)
    if ours:
        return next(name for name, folder in ROOMS if ours.group(1).startswith(folder))
    name = os.path.basename(library)
    for part, word in (("libev", "libev"), ("libc.", "libc"), ("ld-linux", "libc")):
        if name.startswith(part):
            return word
    return "other"


def read_dump(path):
    """Instructions by (function, file of the line, object), each without what it calls."""
    costs, names = collections.Counter(), {}
    function = file = library = ""
    call = False
    with open(path, encoding="utf-8") as dump:
        for line in dump:
            head = re.match(r"(fn|fl|fi|fe|ob)=(?:\((\d+)\) ?)?(.*)", line)
            if head:
                kind, number, name = head.groups()
                kind = {"fi": "fl", "fe": "fl"}.get(kind, kind)
                if number and name:
                    names[kind, number] = name
                name = name or names.get((kind, number), "")
                if kind == "fn":
                    function = name
                elif kind == "fl":
                    file = name
                else:
                    library = name
            elif line.startswith(("cfn=", "cfi=", "cfl=", "cob=")):
                kind, number, name = re.match(r"c(fn|fi|fl|ob)=(?:\((\d+)\) ?)?(.*)", line).groups()
                if number and name:
                    names[{"fi": "fl"}.get(kind, kind), number] = name
            elif line.startswith("calls="):
                call = True
            elif re.match(r"[+\-*\d]", line):
                if not call:
                    costs[function, file, library] += int(line.split()[1])
                call = False
    return costs


def control(valgrind, *words):
    tool = os.path.join(os.path.dirname(valgrind), "callgrind_control")
    done = subprocess.run([tool, *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}: {done.stdout}{done.stderr}")


class Session:
    """One of the programs under callgrind, its peer, and the load."""

    def __init__(self, args, counted, scratch):
        self.args, self.counted, self.scratch = args, counted, scratch
        pair = pairs.our_pair(args.io, args.load)
        under = (f"{args.valgrind} --quiet --tool=callgrind --instr-atstart=no "
                 f"--callgrind-out-file={scratch}/out ")
        pair.commands[counted] = under + pair.commands[counted]
        self.pair = pair
        pair.start()
        time.sleep(4)  # under valgrind all takes longer
        self.load = subprocess.Popen([args.load, "stream", str(pairs.PORTS["encoder"]),
                                      str(pairs.PORTS["server"]), "even", str(args.rate)],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.load.stdout.readline() != "ready\n":
            sys.exit("no session")
        time.sleep(3)

    def arrived(self):
        self.load.stdin.write("\n")
        self.load.stdin.flush()
        return int(re.search(r"\barrived=(\d+)", self.load.stdout.readline()).group(1))

    def count(self, packets):
        """Packets that arrived while it was counted, at least so many, and the costs."""
        pid = str(self.pair.processes[self.counted].pid)
        control(self.args.valgrind, "-i", "on", pid)
        control(self.args.valgrind, "-z", pid)
        first = self.arrived()
        until = time.monotonic() + PATIENCE + packets / self.args.rate
        while self.arrived() - first < packets:
            if time.monotonic() > until:
                sys.exit("the packets do not arrive")
            time.sleep(0.05)
        before = set(glob.glob(f"{self.scratch}/out*"))
        last = self.arrived()
        control(self.args.valgrind, "-d", pid)
        control(self.args.valgrind, "-i", "off", pid)
        fresh = set(glob.glob(f"{self.scratch}/out*")) - before
        costs = collections.Counter()
        for path in fresh:
            costs += read_dump(path)
        return last - first, costs

    def end(self):
        self.load.stdin.close()
        self.load.wait(10)
        for process in self.pair.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.pair.processes.values():
            process.wait(30)


def show(program, once, twice, top):
    packets = twice[0] - once[0]
    rooms, functions = collections.Counter(), collections.Counter()
    for key in set(once[1]) | set(twice[1]):
        cost = (twice[1][key] - once[1][key]) / packets
        function, file, library = key
        rooms[room_of(file, library)] += cost
        functions[function, room_of(file, library)] += cost
    total = sum(rooms.values())
    ours = sum(cost for room, cost in rooms.items() if room in dict(ROOMS))
    print(f"{program}: {total:.0f} instructions a packet, {ours:.0f} of them ours")
    for room, cost in rooms.most_common():
        print(f"  {room:18} {cost:8.1f}")
    print("  the costliest functions:")
    for (function, room), cost in functions.most_common(top):
        print(f"  {cost:8.1f}  {function}  ({room})")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("valgrind")
    parser.add_argument("load")
    parser.add_argument("--io", default="mmsg", choices=list(pairs.WAYS))
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--packets", type=int, default=3000)
    parser.add_argument("--top", type=int, default=10)
    args = parser.parse_args()
    for counted in (pairs.SENDER, pairs.RECEIVER):
        with tempfile.TemporaryDirectory() as scratch:
            session = Session(args, counted, scratch)
            try:
                once, twice = session.count(args.packets), session.count(2 * args.packets)
                session.end()
            finally:
                session.pair.kill()
        show(f"{counted} --io {args.io}, {args.rate} packets/s", once, twice, args.top)
    return 0


if __name__ == "__main__":
    sys.exit(main())
