#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""CPU, wake-ups and loss of srtla_send and srtla_rec, beside the plainest relay.

bench_io.py LOAD [--seconds N] [--rounds N] [--json FILE]

An encoder sends media of 1332 bytes through both programs, over four links of the loopback, to
an SRT server that acknowledges a hundred times a second: at 1, 5 and 20 thousand packets a second,
evenly spaced, and as many as arrive.  The reference is one process that does recvfrom() and send()
and nothing else, at the same rate in the same run.  Rounds take turns; shown are medians and, in
brackets, the least and the most.  A packet here is one of media: its ACKs and keepalives are part
of what it costs.
"""
import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import time

RATES = (1000, 5000, 20000, 0)
LINKS = ("127.0.1.1", "127.0.1.2", "127.0.1.3", "127.0.1.4")
ENCODER_PORT, SRTLA_PORT, SERVER_PORT, RELAY_PORT = 9000, 5000, 4001, 9001
WARM = 0.5  # seconds before the measuring begins
LATE = 0.3  # seconds after the last packet left, in which it may arrive
TICKS = 20  # of 10 ms: fewer do not tell user from system
NAME = {0: "saturated"}


def cpu_of(pid):
    """Nanoseconds on a processor, ticks of user and of system, voluntary switches."""
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as f:
        ran = int(f.read().split()[0])
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        words = f.read().rpartition(")")[2].split()
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        waits = next(int(line.split()[1]) for line in f if line.startswith("voluntary_ctxt"))
    return ran, int(words[11]), int(words[12]), waits


class Load:
    """The encoder and the server behind what is measured."""

    def __init__(self, program, kind, port, rate):
        self.process = subprocess.Popen(
            [program, kind, str(port), str(SERVER_PORT), str(rate)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError(f"{kind} at {rate}: no packet arrives")

    def ask(self, line="count"):
        """Sent, arrived, ACKs that came back, nanoseconds."""
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return [int(word) for word in self.process.stdout.readline().split()]

    def end(self):
        self.process.stdin.close()
        return self.process.wait()


def start(command, log):
    with open(os.path.join(os.environ["WORK"], log + ".log"), "w", encoding="utf-8") as out:
        return subprocess.Popen(command, stdout=out, stderr=out)


def measure(load, pids, seconds):
    """What each process cost over some seconds, a packet that arrived, and the loss of all."""
    time.sleep(WARM)
    before, count = {name: cpu_of(pid) for name, pid in pids.items()}, load.ask()
    time.sleep(seconds)
    after, end = {name: cpu_of(pid) for name, pid in pids.items()}, load.ask("quiet")
    time.sleep(LATE)
    last = load.ask()
    packets, nanoseconds = end[1] - count[1], end[3] - count[3]
    if packets == 0:
        raise RuntimeError("nothing arrives any more")
    result = {}
    for name in pids:
        ran, user, system, waits = (a - b for a, b in zip(after[name], before[name]))
        result[name] = {
            "cpu_us": ran / 1000 / packets,
            "user_share": user / (user + system) if user + system >= TICKS else math.nan,
            "wakes": waits / packets,
            "core_share": ran / nanoseconds,
            "packets_per_second": packets * 1e9 / nanoseconds,
            "loss": (last[0] - last[1]) / last[0],
        }
    return result


def through_relay(program, rate, seconds):
    relay = start([program, "relay", str(RELAY_PORT), str(SERVER_PORT)], "relay")
    try:
        time.sleep(0.1)
        load = Load(program, "bare", RELAY_PORT, rate)
        result = measure(load, {"relay": relay.pid}, seconds)
        load.end()
        return result
    finally:
        relay.terminate()
        relay.wait()


def through_programs(program, rate, seconds):
    links = os.path.join(os.environ["WORK"], "ips")
    with open(links, "w", encoding="ascii") as f:
        f.write("\n".join(LINKS) + "\n")
    rec = start([os.environ["SRTLA_REC"], str(SRTLA_PORT), "127.0.0.1", str(SERVER_PORT)], "rec")
    send = start([os.environ["SRTLA_SEND"], str(ENCODER_PORT), "127.0.0.1", str(SRTLA_PORT), links],
                 "send")
    try:
        load = Load(program, "stream", ENCODER_PORT, rate)
        result = measure(load, {"srtla_send": send.pid, "srtla_rec": rec.pid}, seconds)
        acks = load.ask()[2]
        load.end()
    finally:
        for process in (send, rec):
            process.terminate()
        codes = [process.wait() for process in (send, rec)]
    if any(codes) or acks == 0:
        raise RuntimeError(f"exit statuses {codes}, {acks} ACKs came back")
    return result


def summary(rounds, rate, name):
    """Median, least and most of each figure, and the ratio to the relay of the same round."""
    runs = [r[rate] for r in rounds]
    figures = {key: [run[name][key] for run in runs] for key in runs[0][name]}
    figures["ratio"] = [run[name]["cpu_us"] / run["relay"]["cpu_us"] for run in runs]
    return {"rate": rate, "who": name,
            **{key: {"median": statistics.median(v), "least": min(v), "most": max(v)}
               for key, v in figures.items() if not any(map(math.isnan, v))}}


def show(rows):
    print(f"{'asked /s':>10} {'who':11} {'CPU us a packet':>24} {'user':>5} {'wakes a packet':>15} "
          f"{'ratio':>6} {'of a core':>9} {'arrived /s':>10} {'loss':>8}")
    for row in rows:
        cpu = row["cpu_us"]
        user = f"{row['user_share']['median']:.0%}" if "user_share" in row else "-"
        print(f"{NAME.get(row['rate'], row['rate']):>10} {row['who']:11} "
              f"{cpu['median']:7.2f} ({cpu['least']:6.2f}-{cpu['most']:6.2f}) "
              f"{user:>5} {row['wakes']['median']:15.3f} "
              f"{row['ratio']['median']:6.2f} {row['core_share']['median']:9.1%} "
              f"{row['packets_per_second']['median']:10.0f} {row['loss']['median']:8.4%}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("load")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json")
    args = parser.parse_args()
    try:
        rounds = [{rate: {**through_relay(args.load, rate, args.seconds),
                          **through_programs(args.load, rate, args.seconds)} for rate in RATES}
                  for _ in range(args.rounds)]
    except (OSError, RuntimeError) as error:
        print(f"bench_io: {error}", file=sys.stderr)
        return 1
    rows = [summary(rounds, rate, name)
            for rate in RATES for name in ("relay", "srtla_send", "srtla_rec")]
    show(rows)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump({"benchmark": "io", "seconds": args.seconds, "rounds": args.rounds,
                       "packet_bytes": 1332, "links": len(LINKS), "reference": "relay",
                       "rows": rows}, f, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
