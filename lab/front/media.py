# SPDX-License-Identifier: MIT
"""Stamped packets through real SRT: linklab-source in each car, linklab-sink behind the receiver."""
import json
import os
import select
import struct
import subprocess
import time

from front.children import within
from front.world import APP_PORT, SERVER_PORT, WORK, Trouble, car

TAIL = 1.5  # seconds beyond the latency in which sources see the last packets through


def load(file):
    """A report; {} when whoever should have written it did not."""
    try:
        with open(file, encoding="utf-8") as text:
            return json.load(text)
    except (OSError, ValueError):
        return {}


class Stamped:
    """The media of one run."""

    def __init__(self, run):
        self.run = run
        self.folder = f"{WORK}/ledgers"
        os.makedirs(self.folder, exist_ok=True)
        self.ledgers = [f"{self.folder}/car{v + 1}.ledger" for v in range(run.vehicles)]
        for file in self.ledgers:
            if os.path.exists(file):
                os.remove(file)
        self.encoders = [f"source{v + 1}" for v in range(run.vehicles)]  # they end by themselves
        self.sinks = []
        self.sources = [[] for _ in range(run.vehicles)]

    def serve(self):
        """The SRT server; one that starts again goes on with the same ledgers."""
        run = self.run
        server = run.scenario["server"]
        report = f"{run.folder}/sink{len(self.sinks) + 1}.json"
        words = [run.tools.find("linklab-sink"), str(SERVER_PORT), "--latency", f"{run.latency:.6f}s",
                 "--loss-ttl", str(server["loss_ttl"]), "--ledgers", self.folder, "--report", report,
                 "--judged-from", f"{run.scenario['judged_from_s']:.6f}s"]
        if not server["nak_report"]:
            words.append("--no-nak-report")
        self.sinks.append(report)
        sink = run.start("sink", "road", words, stdout=subprocess.PIPE)
        if sink.process.stdout.readline() != b"ready\n":
            raise Trouble(f"linklab-sink does not get ready: {sink.last_words()}")

    def feed(self, v):
        """The encoder of a vehicle, for what is left of the run."""
        run, stream = self.run, self.run.scenario["stream"]
        report = f"{run.folder}/source{v + 1}-{len(self.sources[v]) + 1}.json"
        left = run.lasts - max(0, time.monotonic() - run.began)
        words = [run.tools.find("linklab-source"), "127.0.0.1", str(APP_PORT), "--rate", str(stream["rate"]),
                 "--latency", f"{run.latency:.6f}s", "--lasts", f"{max(left, 0.1):.3f}s",
                 "--streamid", f"car{v + 1}", "--ledger", self.ledgers[v], "--report", report]
        words += ["--fps", str(stream["fps"]), "--gop", str(stream["gop"]), "--key", str(stream["key_percent"])]
        if stream["most"]:
            words += ["--adaptive", f"{stream['least']}:{stream['most']}"]
        self.sources[v].append(report)
        run.start(self.encoders[v], car(v), words, stdout=subprocess.PIPE)

    def await_start(self, patience):
        """Until every source is connected and begins, or not so long."""
        until = time.monotonic() + patience
        for name in self.encoders:
            ready = self.run.children[name].process.stdout
            select.select([ready], [], [], max(0, until - time.monotonic()))

    def finish(self):
        """Lets the sources end, and SRT bring what is under way; then ends all of it."""
        within(self.run.latency + TAIL, lambda: not any(self.run.alive(name) for name in self.encoders))
        for name in self.encoders + ["sink"]:
            self.run.end(name)

    def judge(self):
        """A dictionary for each vehicle."""
        run = self.run
        words = [run.tools.find("linklab-judge"), run.file, "--seed", str(run.seed), "--lasts", f"{run.lasts:.6f}s",
                 "--latency", f"{run.latency:.6f}s"] + run.tools.traces_option() + self.ledgers
        judged = subprocess.run(words, capture_output=True, text=True, check=False)
        if judged.returncode:
            raise Trouble(judged.stderr.strip())
        sinks = [load(file) for file in self.sinks]
        packets = [entries(file) for file in self.ledgers]
        return [dict(verdict, made=len(packets[v]), late_at=late(packets[v], run.began),
                     srt=counters(f"car{v + 1}", [load(file) for file in self.sources[v]], sinks))
                for v, verdict in enumerate(json.loads(judged.stdout))]


def entries(file):
    """Of a ledger: when each packet was made, arrived and was played, in microseconds."""
    try:
        with open(file, "rb") as data:
            _, _, count = struct.unpack("=QQQ", data.read(24))
            return list(struct.iter_unpack("=qqq", data.read(24 * count)))
    except (OSError, struct.error):
        return []


def late(packets, began):
    """The seconds of the run at which packets were made that were not played in time."""
    return [made / 1e6 - began for made, _, played in packets if made and not played]


def counters(stream, sources, sinks):
    """What SRT counted itself, at both ends of a stream; whoever was killed told nothing."""
    ends = [found for sink in sinks for found in sink.get("streams", []) if found["streamid"] == stream]
    return {"sessions": max(sum(source.get("sessions", 1) for source in sources),
                            sum(end["sessions"] for end in ends)),
            "mean_bps": mean_rate(sources),
            "behind_s": max([source.get("behind_most_s", 0) for source in sources], default=0),
            "source": total(source.get("srt", {}) for source in sources),
            "sink": total(end["srt"] for end in ends),
            "damaged": sum(end["damaged"] + end["strange"] for end in ends)}


def total(reports):
    sums = {}
    for report in reports:
        for key, value in report.items():
            sums[key] = sums.get(key, 0) + value
    return sums


def mean_rate(sources):
    """Bits of media a second."""
    lasts = sum(source.get("lasts_s", 0) for source in sources)
    return sum(source.get("bytes", 0) for source in sources) * 8 / lasts if lasts else 0
