#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""demo_video.py FOLDER: what tools/demo shows; logs and pictures go to FOLDER."""
import json
import os
import signal
import subprocess
import sys
import time

TOP = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
sys.path.insert(0, os.path.join(TOP, "lab"))

import plot  # noqa: E402
from front.children import within  # noqa: E402
from front.measure import CAUSES, DROPS  # noqa: E402
from front.media import load  # noqa: E402
from front.report import columns  # noqa: E402
from front.run import Pair, Run, Tools  # noqa: E402
from front.world import APP_PORT, SERVER_PORT, WORK, Trouble, car, enter  # noqa: E402

SCENARIO = os.path.join(TOP, "lab", "scenarios", "demo.scn")
SENT, RECEIVED, STATS = f"{WORK}/sent.ts", f"{WORK}/received.ts", f"{WORK}/stats"
LATENCY = 2  # seconds, of SRT
FPS = 30
TAIL = 3     # seconds of video more than is judged: what the server holds at the end is not played
ENOUGH = 0.99


class Video:
    """H.264 and AAC from ffmpeg in the car, a stock SRT server behind the receiver."""

    def __init__(self, run):
        self.run = run
        self.lasts = run.lasts
        self.encoders = ["video"]

    def serve(self):
        server = self.run.start("server", "road", [
            "sh", "-c", f"exec srt-live-transmit 'srt://127.0.0.1:{SERVER_PORT}?mode=listener"
            f"&latency={LATENCY * 1000}' file://con >{RECEIVED}"])
        if not within(5, lambda: server.listens(SERVER_PORT)):
            raise Trouble(f"the SRT server does not listen: {server.last_words()}")

    def feed(self, v):
        """Through SRT and, to compare, into a file."""
        self.run.start("video", car(v), [
            "ffmpeg", "-nostdin", "-loglevel", "error", "-re",
            "-f", "lavfi", "-i", f"testsrc2=size=1280x720:rate={FPS}",
            "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000",
            "-t", f"{self.lasts + TAIL:g}", "-map", "0:v", "-map", "1:a", "-pix_fmt", "yuv420p",
            "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", str(2 * FPS),
            "-b:v", "5500k", "-minrate", "5500k", "-maxrate", "5500k", "-bufsize", "700k",
            "-c:a", "aac", "-b:a", "128k", "-f", "tee",
            f"[f=mpegts]srt\\://127.0.0.1\\:{APP_PORT}?mode=caller&latency={LATENCY * 1000000}&pkt_size=1316"
            f"|[f=mpegts]{SENT}"])

    def await_start(self, patience):
        """The links begin their drive when the first packets of the video do."""
        within(patience, lambda: os.path.exists(SENT) and os.path.getsize(SENT) > 0)

    def finish(self):
        if "video" in self.run.children:
            self.run.children["video"].wait(TAIL + 5)
        self.run.end("video")
        time.sleep(0.3)  # the last packets arrive
        self.run.end("server", signal.SIGINT)

    def judge(self):
        """How many sessions there were, and how many frames of those sent arrived."""
        with open(f"{self.run.folder}/server.log", encoding="utf-8", errors="replace") as text:
            sessions = text.read().count("Accepted SRT source")
        wanted = sorted(frames(SENT))[:round(self.lasts * FPS)]
        return sessions, len(wanted), len(set(wanted) & set(frames(RECEIVED)))


def frames(path):
    answer = subprocess.run(
        ["ffprobe", "-v", "quiet", "-select_streams", "v:0", "-show_entries", "packet=pts", "-of", "json", path],
        stdout=subprocess.PIPE, check=False).stdout
    return [p["pts"] for p in json.loads(answer or "{}").get("packets", []) if "pts" in p]


class Display:
    """A line a link, each second."""

    def __init__(self, scenario, outage):
        self.next, self.lines, self.outage = 0, 0, outage
        self.links = scenario["links"]

    def event(self, now):
        link, begin, end = self.outage
        if now < begin:
            return "all links carry"
        return f"link m{link} swallows everything" if now < end else f"link m{link} is back"

    def __call__(self, now):
        if now < self.next:
            return
        self.next += 1
        links = load(STATS).get("connections", [])
        if sys.stdout.isatty() and self.lines:
            print(f"\033[{self.lines}A", end="")
        print(f"{now:4.0f} s  {self.event(now):50}")
        whole = sum(link["bitrate_bps"] for link in links) or 1
        for number, link in enumerate(links, 1):
            share = 100 * link["bitrate_bps"] // whole
            print(f"        m{number}  {link['state']:8}{share:4d} % {'#' * (share // 4):26}"
                  f"{link['bitrate_bps'] / 1e6:6.2f} Mbit/s  RTT {link['rtt_ms']:4d} ms")
        sys.stdout.flush()
        self.lines = 1 + len(links)


def table(census):
    rows = [["link", "share", "bytes sent", "packets sent", "lost", "queue p95, ms"]]
    for link in census["links"]:
        sent = [sum(link["sent"][cause][kind] for cause in CAUSES) for kind in ("bytes", "packets")]
        rows.append([f"m{link['link']}", f"{100 * link['share']:.1f} %", *map(str, sent),
                     str(sum(link["dropped"][kind] for kind in DROPS)), f"{link['queue_p95_ms']:.0f}"])
    print("\n" + columns(rows))
    resent = sum(link["sent"][cause]["packets"] for link in census["links"] for cause in ("resent", "false_resent"))
    print(f"on the links: {census['wire']:.3f} bytes for each of media; {resent} packets sent again")


def show(run):
    """What came of it; whether it was good."""
    emulator, (sessions, wanted, got) = run.reports()
    census = emulator["vehicles"][0]
    table(census)
    share = got / wanted if wanted else 0
    print(f"SRT:     {sessions} session{'s' if sessions != 1 else ''}\n"
          f"ffprobe: {got} of {wanted} frames arrived ({100 * share:.2f} %)")
    for name, how in run.broken:
        print(f"FAILED:  {name} {how}")
    census.update(title=run.scenario["title"], lasts_s=run.lasts,
                  notes=f"real video, {got} of {wanted} frames arrived, SRT latency {LATENCY} s")
    plot.draw(census, f"{run.folder}/picture.svg", f"{run.folder}/picture.png")
    print(f"picture: {run.folder}/picture.png and .svg")
    return sessions == 1 and share >= ENOUGH and wanted == round(run.lasts * FPS) and not run.broken


def dark(path):
    """The outage of the scenario: link, begin, end."""
    with open(path, encoding="utf-8") as text:
        words = next(row.split() for row in text if " dark for " in row)
    begin = float(words[0][2:].rstrip("s"))
    return int(words[2]), begin, begin + float(words[-1].rstrip("s"))


def main():
    tools = Tools(os.environ["LINKLAB_HELPERS"].split(":"), None)
    try:
        enter()
        scenario = tools.describe(SCENARIO, 1)
        scenario["stream"]["latency_s"] = LATENCY
        sender = f"{tools.find('srtla_send')} --stats-file {STATS} --stats-file-interval 100"
        print(f"{scenario['title']}\nH.264 and AAC, about 6 Mbit/s, for {scenario['lasts_s'] + TAIL:g} s", flush=True)
        run = Run(tools, SCENARIO, scenario, Pair(sender), 1, sys.argv[1], Video)
        run.play(Display(scenario, dark(SCENARIO)))
        sys.exit(0 if show(run) else 1)
    except Trouble as trouble:
        print(f"tools/demo: {trouble}", file=sys.stderr)
        sys.exit(trouble.code)


if __name__ == "__main__":
    main()
