#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""noalbs.py PORT KEY: which scene a switcher would show, by each of the three shapes, for the stream KEY.

Prints a line for each: its name, the scene, the bitrate (- without a publisher) and how many ms the answer took.
The scene is one of offline, previous (it stays), low, normal.  Reads as strictly as the strictest
switcher: a field that is missing, of another type or out of its range ends it with status 1.
"""
import json
import sys
import time
import urllib.parse
import urllib.request

LOW, RTT_LOW = 800, 2500  # as switchers are delivered
I32, U32, U64, I64 = (-2**31, 2**31 - 1), (0, 2**32 - 1), (0, 2**64 - 1), (-2**63, 2**63 - 1)
FLOAT = None

SLS = {
    "bitrate": I64, "bytesRcvDrop": U64, "bytesRcvLoss": U64, "mbpsBandwidth": FLOAT, "mbpsRecvRate": FLOAT,
    "msRcvBuf": I32, "pktRcvDrop": I32, "pktRcvLoss": I32, "rtt": FLOAT, "uptime": I64,
}
BELABOX = {"bitrate": I64, "rtt": FLOAT, "dropped_pkts": I32}
OPENIRL = {"bitrate": U32, "buffer": U32, "dropped_pkts": U64, "uptime": U64}
OPENIRL_MAYBE = {"latency": (0, 2**16 - 1), "rtt": FLOAT}
PEER = {"bitrate": U32, "rtt": FLOAT, "throughput": U32, "jitter": FLOAT, "uptime": U64}


def wrong(why):
    sys.exit(f"noalbs.py: {why}")


def once(pairs):
    if len({key for key, _ in pairs}) != len(pairs):
        wrong("a key comes twice")
    return dict(pairs)


def check(where, key, value, bounds):
    if bounds is FLOAT:
        if type(value) is not float or not value >= 0:
            wrong(f"{where}.{key} is no fraction: {value!r}")
    elif type(value) is not int or not bounds[0] <= value <= bounds[1]:
        wrong(f"{where}.{key} is no integer within {bounds}: {value!r}")


def check_all(where, got, wanted):
    for key, bounds in wanted.items():
        if key not in got:
            wrong(f"{where} has no {key}")
        check(where, key, got[key], bounds)


def check_peers(peers):
    ids = set()
    for number, peer in enumerate(peers):
        check_all(f"peers[{number}]", peer, PEER)
        name = peer["connection_id"]
        if len(name) != 8 or not all(c in "0123456789abcdef" for c in name):
            wrong(f"connection_id is not of eight digits: {name!r}")
        ids.add(name)
    if len(ids) != len(peers):
        wrong("two links have one connection_id")


def openirl_rtt(publisher):
    """That of the stream, or the mean of its links by what they carry."""
    if "rtt" in publisher:
        return publisher["rtt"]
    carried = [(peer["bitrate"], peer["rtt"]) for peer in publisher["peers"] if peer["bitrate"] > 0]
    total = sum(bitrate for bitrate, _ in carried)
    return sum(bitrate * rtt for bitrate, rtt in carried) / total if total else 0.0


def by_figures(bitrate, rtt):
    return "low" if bitrate <= LOW or rtt >= RTT_LOW else "normal"


def sls(body, key):
    if key not in body["publishers"]:
        return "offline", "-"
    p = body["publishers"][key]
    check_all("publisher", p, SLS)
    return "previous" if p["bitrate"] == 0 else by_figures(p["bitrate"], p["rtt"]), p["bitrate"]


def belabox(body, key):
    if key not in body["publishers"]:
        return "offline", "-"
    p = body["publishers"][key]
    check_all("publisher", p, BELABOX)
    return {0: "offline", 1: "previous"}.get(p["bitrate"]) or by_figures(p["bitrate"], p["rtt"]), p["bitrate"]


def openirl(body, _key):
    if "publisher" not in body:
        return "offline", "-"
    p = body["publisher"]
    check_all("publisher", p, OPENIRL)
    check_all("publisher", p, {key: bounds for key, bounds in OPENIRL_MAYBE.items() if key in p})
    check_peers(p["peers"])
    return {0: "offline", 1: "previous"}.get(p["bitrate"]) or by_figures(p["bitrate"], openirl_rtt(p)), p["bitrate"]


def main():
    port, key = sys.argv[1:]
    for name, path, reads in (("sls", "sls", sls), ("belabox", "belabox", belabox), ("openirl", "stats", openirl)):
        began = time.monotonic()
        url = f"http://127.0.0.1:{port}/{path}/{urllib.parse.quote(key)}"
        with urllib.request.urlopen(url, timeout=5) as answer:
            if answer.status != 200:
                wrong(f"{url}: status {answer.status}")
            text = answer.read()
        took = (time.monotonic() - began) * 1000
        body = json.loads(text, object_pairs_hook=once, parse_constant=lambda c: wrong(f"{c} is no number"))
        publishers = body.get("publishers", {})
        if set(publishers) - {key}:
            wrong("another key is told")
        scene, bitrate = reads(body, key)
        print(name, scene, bitrate, f"{took:.1f}")


main()
