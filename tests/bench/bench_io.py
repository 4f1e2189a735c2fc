#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What srtla_send and srtla_rec cost and add, by each way of packet I/O, beside one packet a call.

An encoder sends media of 1332 bytes, one packet a call, through both programs, over four links of
the loopback, to an SRT server that acknowledges a hundred times a second.  The SRT latency is two
seconds.  Three benchmarks, in rounds that take turns; shown are medians.

cost   a run each for even:RATE (evenly spaced), frames:RATE (30 a second, each back to back) and
       saturated (as many as arrive, 256 at most on their way): CPU, wake-ups and loss.
limit  the largest rate, evenly spaced, at which nothing is lost and nothing piles up, within 5 %,
       and what ended it: loss, a backlog, or an encoder that could not send as much; and the time
       from encoder to server at the limit of the pair "plain" in the same round.
added  how long each program has each packet, at 5000 a second: from the moment that its peer
       hands a packet to the loopback until it does so itself, by stamps of the kernel.

Nothing is pinned: encoder, server and programs share the processors as they would in use.  The
reference is the pair "plain" of the same round.  Its rivals are mmsg, gso, coalesced (gso with
--coalesce 1ms) and those of --pair.  relay and relay-gso are the machine's floor: one
process that forwards, knows nothing of links, and answers nobody; the first in recvfrom() and
send(), the second all that has come in one call each way.

A packet is one of media: feedback and keepalives are part of what it costs.  CPU is the
kernel's account of each thread (schedstat).  User time is the share of the clock ticks (stat) of
all rounds together that fell into user mode, times that.  Wake-ups are voluntary context switches;
they are set beside the datagrams that the program took from its sockets, of all kinds, both over
its whole life, as both of ours tell at their end.  Of another program the harness counts
media and the server's ACKs alone; the figure, then too high, is marked with "<".

As it comes, all this takes some thirteen minutes.
"""
import argparse
import json
import math
import os
import sys
import time

import bench_io_pairs as pairs
import bench_io_table as table
from bench_io_pairs import RECEIVER, SENDER, Trouble

COSTS = ("even:1000", "even:5000", "even:20000", "frames:5000", "frames:20000", "saturated")
ADDED = ("even:5000", "frames:5000")
QUICK_COSTS, QUICK_ADDED = ("frames:5000", "saturated"), ("even:5000",)
FLOOR_OF = {"relay-gso": ("saturated",)}  # where a floor is worth knowing; unnamed: everywhere
SEARCHED = ("plain", "gso")  # and what --pair gives
STEP, CLOSE = 1.5, 1.05  # of the search: up and down by this, and then halves until as near as that
FIRST, LEAST, MOST = 20000, 500, 2000000
QUIET = 0.1  # of the machine: what others may have, the kernel's own work on idle processors too
SHARE = 0.98  # of the rate asked for must be sent, and of that arrive while it lasts


def names_of(benchmark, workload):
    """By which words --only may ask for this; a workload alone means its cost."""
    if benchmark == "cost":
        return {benchmark, workload, workload.partition(":")[0]}
    return {benchmark, f"{benchmark}/{workload}"}


class Bench:
    """One run of the program: its pairs, its patience, and what has been found so far."""

    def __init__(self, args):
        self.args = args
        names = [name for name in pairs.WAYS if name == "plain" or name in args.pairs]
        given = [pairs.given_pair(text, args.load) for text in args.pair]
        self.pairs = [pairs.our_pair(name, args.load) for name in names] + given
        self.searched = [p for p in self.pairs if p.name in SEARCHED or not p.own]
        self.floor = pairs.relays(args.load)
        self.costs, self.limits, self.added = [], [], []
        self.troubles = []
        self.busy = self.ours = self.span = 0

    def attempt(self, pair, what, *args):
        """Somebody else's pair may fail at a task, and then has no figure for it; ours may not."""
        try:
            return what(pair, *args)
        except Trouble as error:
            if pair.own:
                raise Trouble(f"{pair.name}: {error}") from error
            self.troubles.append(f"{pair.name}: {error}")
            return None
        finally:
            pair.kill()

    def window(self, load, pair, seconds, others=()):
        """Lets `seconds` pass; what everybody did in that time."""
        helpers = (load, *others)
        time.sleep(self.args.warm)
        begin = [helper.ask("mark") for helper in helpers]
        costs, busy = pair.costs(), pairs.busy_machine()
        spent = [pairs.cpu_of(helper.process.pid)[0] for helper in helpers]
        first = load.ask()
        time.sleep(seconds)
        last, after = load.ask(), pair.costs()
        self.busy += pairs.busy_machine() - busy
        self.ours += sum(pairs.cpu_of(h.process.pid)[0] - s for h, s in zip(helpers, spent))
        self.ours += sum(after[name][0] - costs[name][0] for name in costs)
        self.span += (last["clock"] - first["clock"]) * os.cpu_count()
        told = [helper.ask() for helper in others]
        load.ask("quiet")
        time.sleep(self.args.late)
        if last["arrived"] == first["arrived"]:
            raise Trouble("nothing arrives any more")
        return {"first": first, "last": last, "end": load.ask(), "told": told, "begin": begin,
                "cost": {n: [b - a for a, b in zip(costs[n], after[n])] for n in costs}}

    def cost(self, pair, workload, number):
        pattern, _, rate = workload.partition(":")
        pair.start()
        load = pairs.stream(self.args.load, pair, pattern, rate or 0)
        try:
            seen = self.window(load, pair, self.args.seconds)
            end, life = load.ask(), pair.end()
        finally:
            load.end()
        if pair.kind == "stream" and end["acks"] == 0:
            raise Trouble("no ACK came back")
        packets = seen["last"]["arrived"] - seen["first"]["arrived"]
        span = seen["last"]["clock"] - seen["first"]["clock"]
        for name, (ran, stood, user, system, waits) in seen["cost"].items():
            datagrams = life[name]["datagrams"]
            counted = end["arrived"] + end["acks"]
            self.costs.append({
                "round": number, "workload": workload, "pair": pair.name, "program": name,
                "cpu_us": ran / 1000 / packets, "in_line_us": stood / 1000 / packets,
                "user_ticks": user, "system_ticks": system, "wakes_per_packet": waits / packets,
                "wakes_per_datagram": life[name]["waits"] / (datagrams or counted),
                "datagrams": "told" if datagrams else "counted",
                "core_share": ran / span,
                "packets_per_second": packets * 1e9 / span,
                "loss": seen["end"]["lost"] / max(1, seen["end"]["judged"]),
                "trip_p50_us": seen["end"]["p50"] / 1000, "trip_p99_us": seen["end"]["p99"] / 1000,
                "encoder_lag_p99_us": seen["end"]["lag99"] / 1000,
                "says": life[name]["says"],
            })

    def at_rate(self, pair, rate):
        """One session, evenly spaced."""
        pair.start()
        load = pairs.stream(self.args.load, pair, "even", int(rate))
        try:
            seen = self.window(load, pair, self.args.step)
            life = pair.end()
        finally:
            load.end()
        span = (seen["last"]["clock"] - seen["first"]["clock"]) / 1e9
        sent, arrived = (seen["last"][k] - seen["first"][k] for k in ("sent", "arrived"))
        fault = "loss" if seen["end"]["lost"] else "encoder" if sent < SHARE * rate * span else \
            "backlog" if arrived < SHARE * sent else None
        return {"rate": int(rate), "fault": fault, "lost": seen["end"]["lost"],
                "says": {name: life[name]["says"] for name in life}, "p50_us": seen["end"]["p50"] / 1000,
                "p99_us": seen["end"]["p99"] / 1000}

    def search(self, pair, start):
        """Up or down until one rate is good and another is not, then between them."""
        good, bad, failed = None, None, {}
        rate, steps = start, self.args.steps
        while steps > 0 and LEAST <= rate <= MOST and (not good or not bad or bad / good > CLOSE):
            seen = self.at_rate(pair, rate)
            steps -= 1
            if seen["fault"]:
                bad, failed = seen["rate"], seen
            else:
                good = seen["rate"]
            if good and bad:
                rate = math.sqrt(good * bad)
            else:
                rate = good * STEP if good else bad / STEP
        return {"rate": good or 0, "ended_by": failed.get("fault"), "failed": failed}

    def limit(self, number):
        """The limit of each pair, and what packets take at that of plain."""
        found = {}
        for pair in self.searched:
            before = [r["rate"] for r in self.limits if r["pair"] == pair.name and r["rate"]]
            start = before[-1] / math.sqrt(STEP) if before else FIRST
            found[pair.name] = self.attempt(pair, self.search, start)
        for pair in self.searched:
            if not found[pair.name]:
                continue
            row = {"round": number, "pair": pair.name, **found[pair.name]}
            at = found["plain"]["rate"] and self.attempt(pair, self.at_rate, found["plain"]["rate"])
            if at:
                row |= {"at": at["rate"], "p50_us": at["p50_us"], "p99_us": at["p99_us"]}
            self.limits.append(row)

    def add(self, pair, workload, number):
        pattern, _, rate = workload.partition(":")
        tap = pairs.tap(self.args.load)
        try:
            pair.start()
            load = pairs.stream(self.args.load, pair, pattern, rate)
            try:
                seen = self.window(load, pair, self.args.seconds, (tap,))
                pair.end()
            finally:
                load.end()
        finally:
            tap.end()
        (told,) = seen["told"]
        for name, short in ((SENDER, "send"), (RECEIVER, "rec")):
            self.added.append({
                "round": number, "workload": workload, "pair": pair.name, "program": name,
                "packets": told[short + "_n"], "missed": told["missed"], "runs": told["runs"],
                "p50_us": told[short + "_p50"] / 1000, "p99_us": told[short + "_p99"] / 1000,
                "max_us": told[short + "_max"] / 1000,
                "wakes_per_datagram": seen["cost"][name][4] / max(1, told["to_" + short]),
            })

    def wanted(self, benchmark, workload=""):
        return not self.args.only or bool(names_of(benchmark, workload) & set(self.args.only))

    def round(self, number):
        """Whoever begins in one round comes last in the next."""
        turn = number % len(self.pairs)
        order = self.pairs[turn:] + self.pairs[:turn]
        for workload in QUICK_COSTS if self.args.quick else COSTS:
            floor = [p for p in self.floor if workload in FLOOR_OF.get(p.name, COSTS)]
            if self.wanted("cost", workload):
                for pair in floor + order:
                    self.attempt(pair, self.cost, workload, number)
        for workload in QUICK_ADDED if self.args.quick else ADDED:
            if self.wanted("added", workload):
                for pair in order:
                    self.attempt(pair, self.add, workload, number)
        if self.wanted("limit"):
            self.limit(number)

    def others(self):
        """Which part of the machine somebody else had meanwhile; the kernel's idle work too."""
        return max(0, self.busy - self.ours) / self.span if self.span else 0


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("load", help="bench_load")
    parser.add_argument("--seconds", type=float, default=2, help="of each measurement (2)")
    parser.add_argument("--warm", type=float, default=0.5, help="seconds before it begins (0.5)")
    parser.add_argument("--late", type=float, default=0.3,
                        help="seconds after the last packet left, in which it may arrive (0.3)")
    parser.add_argument("--step", type=float, default=1, help="seconds of each rate tried (1)")
    parser.add_argument("--steps", type=int, default=20, help="rates tried at most (20)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", action="append", metavar="WHAT",
                        help="cost, even, frames:20000, limit, added, added/frames:5000, ...; "
                        "may be said again")
    parser.add_argument("--pairs", default=",".join(pairs.WAYS),
                        help="of ours, beside plain: mmsg,gso,coalesced")
    parser.add_argument("--pair", action="append", default=[], metavar="'NAME=SENDER|RECEIVER'",
                        help="two commands, in which {encoder}, {srtla} and {server} are the ports "
                        "on 127.0.0.1, {links} is the file of link addresses, and {send} and {rec} "
                        "are our programs: '{send} --copies 2 {encoder} 127.0.0.1 {srtla} {links}"
                        "|{rec} {srtla} 127.0.0.1 {server}'")
    parser.add_argument("--quick", action="store_true",
                        help="see in some seconds that it works; the figures are worth nothing")
    parser.add_argument("--json", metavar="FILE")
    args = parser.parse_args()
    args.pairs = args.pairs.split(",")
    known = {"limit"}.union(*(names_of("cost", w) for w in COSTS),
                            *(names_of("added", w) for w in ADDED))
    if not set(args.only or ()) <= known:
        parser.error(f"--only: of {', '.join(sorted(known))}")
    if not set(args.pairs) <= set(pairs.WAYS):
        parser.error(f"--pairs: of {', '.join(pairs.WAYS)}")
    if args.quick:
        args.rounds, args.steps = 1, 1
        args.seconds, args.warm, args.late, args.step = 0.3, 0.2, 0.1, 0.2
        args.pairs = ["plain", "gso"]
    return args


def main():
    args = arguments()
    try:
        bench = Bench(args)
        for number in range(args.rounds):
            bench.round(number)
    except (OSError, Trouble) as error:
        print(f"bench_io: {error}", file=sys.stderr)
        return 1
    result = table.Result(bench.costs, bench.limits, bench.added)
    result.show()
    for trouble in sorted(set(bench.troubles)):
        print(f"no figure: {trouble}")
    others = bench.others()
    print(f"\n{args.rounds} rounds; others had {others:.1%} of {os.cpu_count()} processors" +
          (": not a machine to measure on" if others > QUIET else ""))
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump({"benchmark": "io", "seconds": args.seconds, "rounds": args.rounds,
                       "packet_bytes": 1332, "links": len(pairs.LINKS), "reference": "plain",
                       "processors": os.cpu_count(), "kernel": os.uname().release,
                       "others_share": others, "troubles": bench.troubles,
                       **result.data(), "runs": {"cost": bench.costs, "limit": bench.limits,
                                                 "added": bench.added}}, f, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
