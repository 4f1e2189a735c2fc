# SPDX-License-Identifier: MIT
"""What people read: the table of medians and ranges, and the verdict."""
import math
import statistics

from front.measure import verdict


def plain(digits):
    return lambda v: f"{v:.{digits}f}"


def percent(v):
    return f"{100 * v:.3f} %" if v < 0.1 else f"{100 * v:.1f} %"


def share(v):
    return f"{100 * v:.1f} %"


# figure -> (how it is called, how it is written); in the order of the table.
ROWS = {
    "late": ("late packets", percent),
    "late_over_oracle": ("late beyond the oracle", percent),
    "glitch_seconds": ("seconds with late packets", plain(0)),
    "stall_ms": ("longest stall, ms", plain(0)),
    "delay_p50_ms": ("delay p50, ms", plain(1)),
    "delay_p95_ms": ("delay p95, ms", plain(1)),
    "delay_p99_ms": ("delay p99, ms", plain(1)),
    "delay_p999_ms": ("delay p99.9, ms", plain(1)),
    "mean_mbps": ("media, Mbit/s", plain(2)),
    "wire": ("bytes on links / media", plain(3)),
    "resent_share": ("  sent again", percent),
    "false_resent_share": ("  sent again for nothing", percent),
    "copy_share": ("  further copies", percent),
    "srt_share": ("  SRT control", percent),
    "srtla_share": ("  SRTLA control", percent),
    "lost_share": ("packets lost on links", percent),
    "naks": ("NAKs", plain(0)),
    "nak_numbers": ("  numbers in them", plain(0)),
    "false_naks": ("  of these false", plain(0)),
    "last_into_dead_ms": ("into a dead link for, ms", plain(0)),
    "back_in_use_ms": ("back in use after, ms", plain(0)),
    "queue_p95_ms": ("modem queue p95, ms", plain(0)),
    "added_p50_ms": ("sender keeps a packet, p50, ms", plain(2)),
    "added_p99_ms": ("sender keeps a packet, p99, ms", plain(2)),
    "backup_share": ("bytes on backup links", percent),
    "retransmitted": ("SRT: retransmitted", plain(0)),
    "belated": ("SRT: came too late", plain(0)),
    "dropped": ("SRT: dropped", plain(0)),
    "damaged": ("played, but damaged", plain(0)),
    "sessions": ("SRT sessions", plain(0)),
    "send_us_per_packet": ("sender, us of CPU a packet", plain(1)),
    "send_wakeups_per_packet": ("sender, wake-ups a packet", plain(2)),
    "rec_us_per_packet": ("receiver, us of CPU a packet", plain(1)),
    "rec_wakeups_per_packet": ("receiver, wake-ups a packet", plain(2)),
}
ORACLE = {"late": "late_share", "glitch_seconds": "glitch_seconds", "stall_ms": "stall_ms",
          **{key: key for key in ("delay_p50_ms", "delay_p95_ms", "delay_p99_ms", "delay_p999_ms")}}


def text(value, write):
    if value is None:
        return "-"
    return "never" if value == math.inf else write(value)


def middle(values):
    """Median, least and most of what there is."""
    there = sorted(v for v in values if v is not None)
    return (statistics.median(there), there[0], there[-1]) if there else (None, None, None)


def cell(values, write):
    median, least, most = (text(v, write) for v in middle(values))
    return median if least == most else f"{median} ({least} .. {most})"


def brief(figures):
    """A run in one line."""
    def said(key):
        return text(figures[key], ROWS[key][1])

    return (f"late {said('late')}, delay p50 {said('delay_p50_ms')} ms, p99 {said('delay_p99_ms')} ms, "
            f"wire {said('wire')}")


class Result:
    """All runs of one invocation, by pair."""

    def __init__(self, scenario, pairs):
        self.scenario, self.pairs = scenario, pairs
        self.lines = [[] for _ in pairs]

    def add(self, pair, line):
        self.lines[pair].append(line)

    def valid(self, pair):
        return [line for line in self.lines[pair] if line["valid"]]

    def medians(self, pair):
        lines = self.valid(pair)
        keys = lines[0]["figures"] if lines else ()
        return {key: middle([line["figures"][key] for line in lines])[0] for key in keys}

    def verdicts(self):
        """How the pair under test, the first, stands to the limits: by the median of its valid runs."""
        figures = self.medians(0)
        return [verdict(limit, figures) for limit in self.scenario["limits"]] if figures else []

    def broken(self):
        return [f"{line['pair']}, seed {line['seed']}: {what}" for lines in self.lines[:1] for line in lines
                for what in line["broken"]]

    def status(self):
        """0 when all holds, 1 when a limit does not or a program broke, 2 when the machine was too busy to tell."""
        if self.broken() or any(v["verdict"] == "exceeded" for v in self.verdicts()):
            return 1
        return 0 if all(line["valid"] for lines in self.lines for line in lines) else 2

    # Tables.

    def table(self):
        head = ["", *self.pairs, "oracle", "at most"]
        limits = {v["figure"]: v["text"] for v in self.verdicts()}
        oracle = [vehicle["oracle"] for line in self.valid(0) for vehicle in line["vehicles"]]
        rows = []
        for key, (title, write) in ROWS.items():
            values = [[line["figures"].get(key) for line in self.valid(p)] for p in range(len(self.pairs))]
            if all(v is None for column in values for v in column):
                continue
            best = max((o[ORACLE[key]] for o in oracle), default=None) if key in ORACLE else None
            rows.append([title] + [cell(column, write) for column in values]
                        + [text(best, write) if best is not None else "", limits.get(key, "")])
        for n in range(self.scenario["links"]):
            first = [[line["vehicles"][0]["links"] for line in self.valid(p)] for p in range(len(self.pairs))]
            shares = [[links[n]["share"] for links in column if links] for column in first]
            if any(shares) and self.scenario["vehicles"] == 1:
                rows.append([f"share of link {n + 1}", *(cell(column, share) for column in shares), "", ""])
        return columns([head] + rows)

    def cars(self):
        """Each vehicle, where there are several: figures of the first run of each pair."""
        if self.scenario["vehicles"] == 1:
            return ""
        rows = [["vehicle", "pair", "late", "p50, ms", "p99, ms", "stall, ms", "wire", "played"]]
        tail = []
        for p, name in enumerate(self.pairs):
            for line in self.valid(p)[:1]:
                for v in line["vehicles"]:
                    f = v["figures"]
                    rows.append([str(v["vehicle"]), name, text(f["late"], percent), text(f["delay_p50_ms"], plain(1)),
                                 text(f["delay_p99_ms"], plain(1)), text(f["stall_ms"], plain(0)),
                                 text(f["wire"], plain(3)), str(v["tally"]["made"] - v["tally"]["late"])])
            jain = [line["fairness"]["jain"] for line in self.valid(p)]
            tail.append(f"fairness among vehicles (Jain's index of what was played): {cell(jain, plain(4))}, {name}")
        return columns(rows) + "\n".join(tail) + "\n"

    def verdict_text(self):
        said = []
        for v in self.verdicts():
            value = text(v["is"], ROWS[v["figure"]][1])
            if v["verdict"] == "exceeded":
                said.append(f"EXCEEDED: {v['metric']} is {value}, at most {v['text']}")
            elif v["verdict"] == "unmet":
                said.append(f"not yet: {v['metric']} is {value}, at most {v['text']}; the scenario knows")
            elif v["verdict"] == "met":
                said.append(f"met: {v['metric']} is {value}, though the scenario lists {v['text']} as not met yet")
        said += [f"BROKEN: {what}" for what in self.broken()]
        for lines in self.lines:
            said += [f"invalid: {line['pair']}, seed {line['seed']}: {why}"
                     for line in lines for why in line["why_invalid"]]
        if not said:
            said = ["all limits hold"] if self.scenario["limits"] else ["no limits to hold"]
        return "\n".join(said)

    def show(self):
        runs = len(self.lines[0])
        emulators = [line["timing"]["p99_ms"] for lines in self.lines for line in lines if line["timing"]]
        shares = [line["emulator_cpu"].get("share_of_core", 0) for lines in self.lines for line in lines]
        print(f"\nmedian (range) of {runs} runs a pair" if runs > 1 else "")
        if any(self.valid(p) for p in range(len(self.pairs))):
            print(self.table())
            print(self.cars(), end="")
        if emulators:
            print(f"emulator: late by {max(emulators):.3f} ms at p99, {100 * max(shares):.0f} % of a core")
        print(self.verdict_text())


# What the table of several scenarios shows of each.
OVERVIEW = ("late", "late_over_oracle", "delay_p50_ms", "delay_p99_ms", "wire", "false_naks", "last_into_dead_ms",
            "back_in_use_ms", "sessions", "send_us_per_packet", "rec_us_per_packet")


def overview(results):
    """Markdown: a row for each scenario and pair, with medians and ranges of the valid runs."""
    titles = ["false NAKs" if key == "false_naks" else ROWS[key][0] for key in OVERVIEW]
    rows = [["scenario", "pair", "valid runs", *titles], ["---"] * (3 + len(titles))]
    for result in results:
        for p, pair in enumerate(result.pairs):
            valid = result.valid(p)
            cells = [cell([line["figures"].get(key) for line in valid], ROWS[key][1]) for key in OVERVIEW]
            rows.append([result.scenario["title"], pair, f"{len(valid)}/{len(result.lines[p])}", *cells])
    return "".join("| " + " | ".join(row) + " |\n" for row in rows)


def columns(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "".join("  ".join(c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths))).rstrip()
                   + "\n" for row in rows)
