#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What tools/demo shows.

demo_figures.py live STATS EVENT RATE...       a line a link, each second, until ended
demo_figures.py table STATS COUNTERS RATE...   what each link carried
demo_figures.py frames SENT RECEIVED COUNT     ffprobe's verdict; 99 % of COUNT must be there
"""
import json
import subprocess
import sys
import time

ENOUGH = 0.99


def load(path):
    try:
        with open(path, encoding="utf-8") as text:
            return json.load(text)
    except (FileNotFoundError, json.JSONDecodeError):
        return {}


def device(link):
    return link["name"].split("/")[0]


def live(stats, event, *rates):
    redraw = sys.stdout.isatty()
    start = time.monotonic()
    lines = 0
    while True:
        links = load(stats).get("connections", [])
        with open(event, encoding="utf-8") as text:
            now = text.read().strip()
        if redraw and lines:
            print(f"\033[{lines}A", end="")
        print(f"{time.monotonic() - start:4.0f} s  {now:50}")
        whole = sum(link["bitrate_bps"] for link in links) or 1
        for link, rate in zip(links, rates):
            share = 100 * link["bitrate_bps"] // whole
            print(f"        {device(link)} {rate:>6}  {link['state']:8}"
                  f"{share:4d} % {'#' * (share // 4):26}"
                  f"{link['bitrate_bps'] / 1e6:6.2f} Mbit/s  RTT {link['rtt_ms']:4d} ms")
        sys.stdout.flush()
        lines = 1 + len(links)
        time.sleep(1)


def table(stats, counters, *rates):
    figures = load(stats)
    arrived = {c["counter"]["name"]: c["counter"]["packets"]
               for c in load(counters)["nftables"] if "counter" in c}
    print(f"\n{'link':6}{'rate':>8}{'bytes sent':>14}{'packets sent':>14}{'arrived':>10}{'lost':>8}")
    total = [0, 0, 0]
    for link, rate in zip(figures["connections"], rates):
        name = device(link)
        row = (link["bytes_sent"], link["packets_sent"], arrived[name])
        total = [t + r for t, r in zip(total, row)]
        print(f"{name:6}{rate:>8}{row[0]:14d}{row[1]:14d}{row[2]:10d}{max(0, row[1] - row[2]):8d}")
    print(f"{'all':6}{'':8}{total[0]:14d}{total[1]:14d}{total[2]:10d}{max(0, total[1] - total[2]):8d}\n")
    print(f"packets: {figures['packets_in']} from the encoder, {figures['packets_resent']} of them sent again"
          f" by it; {arrived['server']} to the SRT server")


def frames_of(path):
    answer = subprocess.run(
        ["ffprobe", "-v", "quiet", "-select_streams", "v:0", "-show_entries", "packet=pts",
         "-of", "json", path], stdout=subprocess.PIPE, check=False).stdout
    return [p["pts"] for p in json.loads(answer or "{}").get("packets", []) if "pts" in p]


def frames(sent, received, count):
    wanted = sorted(frames_of(sent))[:int(count)]
    got = len(set(wanted) & set(frames_of(received)))
    share = got / len(wanted) if wanted else 0
    print(f"ffprobe: {got} of {len(wanted)} frames arrived ({100 * share:.2f} %)")
    sys.exit(0 if len(wanted) == int(count) and share >= ENOUGH else 1)


if __name__ == "__main__":
    try:
        {"live": live, "table": table, "frames": frames}[sys.argv[1]](*sys.argv[2:])
    except KeyboardInterrupt:
        sys.exit(130)
