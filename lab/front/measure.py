# SPDX-License-Identifier: MIT
"""What a run came to: one dictionary, which becomes a line of JSON."""
import math

from front.run import under_test

CAUSES = ("first", "resent", "false_resent", "copy", "srt", "srtla")
DROPS = ("overflow", "lost", "dark", "too_long")
BEHIND = 0.1  # seconds; a machine that was away so long tells nothing of the links
HEAVY = 0.98  # of what was to be made; a stream of less was not there all the time


def line(run, emulator, judged):
    """`emulator` is its report, `judged` a dictionary for each vehicle; see media.py."""
    cars = emulator.get("vehicles", [])
    vehicles = [vehicle(run, v, judged[v], cars[v] if v < len(cars) else {}) for v in range(run.vehicles)]
    made = sum(v["made"] for v in judged)
    timing = emulator.get("timing", {})
    why = [f"{name} {how}" for name, how in run.broken if not under_test(name)]
    if not timing and not why:
        why.append("the emulator has not reported")
    if timing and not timing["valid"]:
        why.append(f"the emulator was late by {timing['p99_ms']:.3f} ms (p99)")
    behind = max(v["srt"].get("behind_s", 0) for v in judged)
    if behind > BEHIND:
        why.append(f"a source made a frame {behind:.1f} s too late: the machine stood still")
    figures = {key: worst(v["figures"][key] for v in vehicles) for key in vehicles[0]["figures"]}
    for name, usage in run.usage.items():
        figures[f"{name}_us_per_packet"] = ratio(usage.cpu_us, made) if usage.known() else None
        figures[f"{name}_wakeups_per_packet"] = ratio(usage.wakeups, made) if usage.known() else None
    result = {
        "scenario": run.scenario["name"], "title": run.scenario["title"], "seed": run.seed, "pair": run.pair.name,
        "send": run.pair.send, "rec": run.pair.rec, "links": run.links, "lasts_s": run.lasts,
        "latency_s": run.latency, "valid": not why, "why_invalid": why,
        "broken": [f"{name} {how}" for name, how in run.broken if under_test(name)],
        "timing": timing, "emulator_cpu": emulator.get("cpu", {}), "figures": figures, "vehicles": vehicles,
    }
    if run.vehicles > 1:
        result["fairness"] = fairness(vehicles)
    result["limits"] = [verdict(limit, figures) for limit in run.scenario["limits"]]
    return result


def vehicle(run, v, judged, census):
    tally, oracle, srt = judged["tally"], judged["oracle"], judged["srt"]
    links = census.get("links", [])
    sent = {cause: sum(link["sent"][cause]["bytes"] for link in links) for cause in CAUSES}
    packets = {cause: sum(link["sent"][cause]["packets"] for link in links) for cause in CAUSES}
    outages = [o for o in census.get("outages", []) if o["from_s"] < run.lasts]
    over = [o for o in outages if o["until_s"] < run.lasts]
    late = share_late(run, tally, oracle)
    played = tally["made"] - tally["late"] > 0
    figures = {
        "late": late,
        "late_over_oracle": max(0, late - oracle["late_share"]),
        "glitch_seconds": tally["glitch_seconds"] if played else math.ceil(tally["lasts_s"] or run.lasts),
        "stall_ms": tally["stall_ms"] if played else run.lasts * 1000,
        "stalls": tally["stalls"],
        **{key: tally[key] if tally["arrived"] else math.inf
           for key in ("delay_p50_ms", "delay_p95_ms", "delay_p99_ms", "delay_p999_ms")},
        "wire": census.get("wire") or math.inf,
        **{f"{cause}_share": sent[cause] / sent["first"] if sent["first"] else None for cause in CAUSES[1:]},
        "naks": census.get("naks"), "nak_numbers": census.get("nak_numbers"), "false_naks": census.get("false_naks"),
        "last_into_dead_ms": worst(o["last_into_dead_ms"] or 0 for o in outages),
        "back_in_use_ms": worst(math.inf if o["back_in_use_ms"] is None else o["back_in_use_ms"] for o in over),
        "queue_p95_ms": worst(link["queue_p95_ms"] for link in links),
        "sessions": srt["sessions"],
        "added_p50_ms": None, "added_p99_ms": None,  # nobody sees when a packet enters the sender
        "backup_share": backup_share(run, links),
        "retransmitted": srt["source"].get("retransmitted"), "belated": srt["sink"].get("belated"),
        "dropped": srt["sink"].get("dropped"), "damaged": srt["damaged"] or None, "mean_mbps": srt["mean_bps"] / 1e6,
        "lost_share": ratio(sum(link["dropped"][kind] for link in links for kind in DROPS), sum(packets.values())),
    }
    return {"vehicle": v + 1, "figures": figures, "tally": tally, "oracle": oracle, "srt": srt,
            "wire_bytes": sent, "wire_packets": packets,
            "links": [{"link": link["link"], "share": link["share"], "dropped": link["dropped"],
                       "queue_p95_ms": link["queue_p95_ms"]} for link in links],
            "outages": outages}


def backup_share(run, links):
    """Of the bytes on all links, those on backups; None where there are none."""
    backups = [n for n, terms in enumerate(run.scenario["terms"]) if terms.get("role") == "backup"]
    sent = [sum(cause["bytes"] for cause in link["sent"].values()) for link in links]
    return ratio(sum(sent[n] for n in backups), sum(sent)) if backups and sent else None


def share_late(run, tally, oracle):
    """Of what should have been made: what an encoder without a connection never made is late too."""
    due = oracle["made"]
    if run.scenario["stream"]["most"] or tally["made"] >= HEAVY * due:
        due = tally["made"]
    return (tally["late"] + due - tally["made"]) / due if due else 1.0


def ratio(part, whole):
    return part / whole if whole else None


def worst(values):
    return max((value for value in values if value is not None), default=None)


def fairness(vehicles):
    """By what was played of each stream."""
    return {"jain": jain([v["tally"]["made"] - v["tally"]["late"] for v in vehicles]),
            "worst_late": worst(v["figures"]["late"] for v in vehicles)}


def jain(values):
    """Jain's index: 1 when all are alike, 1/n when one has it all."""
    squares = sum(v * v for v in values)
    return sum(values) ** 2 / (len(values) * squares) if squares else 0.0


# A scenario's limit: the figure that it speaks of, and its unit in that figure's.
LIMITS = {
    "late": ("late", 1e6), "late-over-oracle": ("late_over_oracle", 1e6), "wire": ("wire", 1e3),
    "delay-p50": ("delay_p50_ms", 1e3), "delay-p99": ("delay_p99_ms", 1e3), "delay-p999": ("delay_p999_ms", 1e3), "stall": ("stall_ms", 1e3),
    "glitches": ("glitch_seconds", 1), "false-naks": ("false_naks", 1),
    "last-into-dead": ("last_into_dead_ms", 1e3), "back-in-use": ("back_in_use_ms", 1e3),
    "queue-p95": ("queue_p95_ms", 1e3), "sessions": ("sessions", 1),
    "added-p50": ("added_p50_ms", 1e3), "added-p99": ("added_p99_ms", 1e3), "backup-share": ("backup_share", 1e6),
}


def verdict(limit, figures):
    """"holds", "exceeded", "unmet" (as the scenario says), or "met" though it says that it is not."""
    key, unit = LIMITS[limit["metric"]]
    value = figures[key]
    # As whole as the limit is, so that 0 % means none of a million.
    holds = value is None or (value != math.inf and int(value * unit) <= limit["at_most"])
    if limit["unmet"]:
        said = "met" if holds else "unmet"
    else:
        said = "holds" if holds else "exceeded"
    return {"metric": limit["metric"], "figure": key, "is": value, "at_most": limit["at_most"] / unit,
            "text": limit["text"], "verdict": said}
