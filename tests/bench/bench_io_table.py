# SPDX-License-Identifier: MIT
"""What came out of bench_io.py: medians, ratios to plain of the same round, and the limits."""
import statistics

from bench_io_pairs import RECEIVER, RELAY, SENDER

PROGRAMS = (RELAY, SENDER, RECEIVER)
TICKS = 20  # of 10 ms: fewer do not tell user from system
MANY = 2000  # packets a second, above which wake-ups put together must show
TEXT = {"round", "workload", "pair", "program", "says", "failed", "datagrams", "ended_by"}
KEY = ("workload", "pair", "program")


def median(values):
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def busier(workload, rate):
    return workload == "saturated" or int(workload.partition(":")[2]) > rate


def grouped(runs, key):
    groups = {}
    for run in runs:
        groups.setdefault(tuple(run[k] for k in key), []).append(run)
    return groups


def rivals(runs, figure, rival):
    """For each run that has one in its round: its figure by that of pair `rival`."""
    by_place = {(r["round"], r.get("workload"), r.get("program")): r[figure] for r in runs
                if r["pair"] == rival and r.get(figure)}
    for run in runs:
        other = by_place.get((run["round"], run.get("workload"), run.get("program")))
        if other and figure in run:
            yield run, run[figure] / other


class Result:
    """Rows of medians, one a workload, pair and program."""

    def __init__(self, costs, limits, added):
        for runs, figure in ((costs, "cpu_us"), (added, "p99_us"), (limits, "rate"),
                             (limits, "p99_us")):
            for run, ratio in rivals(runs, figure, "plain"):
                run["ratio" if runs is not limits else figure + "_ratio"] = ratio
        for run, ratio in rivals(costs, "cpu_us", "gso"):
            run["to_gso"] = ratio
        self.costs = {key: self.cost_row(runs) for key, runs in grouped(costs, KEY).items()}
        self.added = {key: self.row(runs) for key, runs in grouped(added, KEY).items()}
        self.limits = {key[0]: self.row(runs) for key, runs in grouped(limits, ("pair",)).items()}

    @staticmethod
    def row(runs):
        """Figures that not every round has are left out."""
        row = {k: v for k, v in runs[0].items() if k in TEXT - {"round", "says", "failed"}}
        for figure in runs[0]:
            if figure not in TEXT and all(figure in run for run in runs):
                row[figure] = median([run[figure] for run in runs])
        return row

    def cost_row(self, runs):
        row = self.row(runs)
        user, system = (sum(r[k] for r in runs) for k in ("user_ticks", "system_ticks"))
        if user + system >= TICKS:
            row["user_share"] = user / (user + system)
            row["user_us"] = row["user_share"] * row["cpu_us"]["median"]
        return row

    def find(self, rows, place, figure):
        value = rows.get(place, {}).get(figure)
        return value["median"] if isinstance(value, dict) else value

    def at_most(self):
        """(where, what, figure, limit), each of which should not be above its limit."""
        def cost(workload, pair, what, figure, limit):
            for name in (SENDER, RECEIVER):
                yield (f"{workload} {pair} {name}", what,
                       self.find(self.costs, (workload, pair, name), figure), limit)

        for workload in ("frames:5000", "frames:20000"):
            yield from cost(workload, "gso", "CPU, to plain", "ratio", 0.5)
        yield from cost("even:20000", "coalesced", "CPU, to plain", "ratio", 0.5)
        yield from cost("even:20000", "gso", "CPU, to plain", "ratio", 1.0)
        for pair in ("mmsg", "gso", "coalesced"):
            yield from cost("even:1000", pair, "CPU, to plain", "ratio", 1.0)
        yield from cost("saturated", "gso", "CPU, to plain", "ratio", 0.35)
        yield from cost("saturated", "gso", "user us a packet", "user_us", 0.4)
        for workload, pair, name in sorted(self.costs):
            if name == RELAY:
                continue
            limit = 0.6 if pair == "coalesced" and busier(workload, MANY) else 1.0
            if pair in ("gso", "coalesced"):
                yield (f"{workload} {pair} {name}", "wake-ups a datagram",
                       self.find(self.costs, (workload, pair, name), "wakes_per_datagram"), limit)
        for workload in sorted({key[0] for key in self.costs}):
            yield from cost(workload, "coalesced", "CPU, to gso", "to_gso", 1.0)
        for workload, pair, name in sorted(self.added):
            if pair in ("mmsg", "gso"):
                yield (f"{workload} {pair} {name}", "p99 of what it adds, to plain",
                       self.find(self.added, (workload, pair, name), "ratio"), 1.0)
        yield ("gso at plain's limit", "p99 of the way, to plain",
               self.find(self.limits, "gso", "p99_us_ratio"), 0.5)

    def verdicts(self):
        found = [(where, what, figure, limit, "<=", figure is not None and figure <= limit)
                 for where, what, figure, limit in self.at_most()]
        rate = self.find(self.limits, "gso", "rate_ratio")
        found.append(("gso", "largest rate without loss, to plain", rate, 3.0, ">=",
                      rate is not None and rate >= 3))
        return [f for f in found if f[2] is not None]

    def show(self):
        if self.costs:
            self.show_costs()
        if self.added:
            self.show_added()
        if self.limits:
            self.show_limits()
        print("\nlimits")
        for where, what, figure, limit, sign, holds in self.verdicts():
            print(f"  {'yes' if holds else 'NO':3} {where:36} {what:36} {figure:8.3f} "
                  f"{sign} {limit:g}")

    def show_costs(self):
        print(f"{'workload':13}{'pair':11}{'program':11}{'CPU us a packet':>23}{'to plain':>9}"
              f"{'user us':>8}{'user':>5}{'wakes/dgram':>12}{'/packet':>8}{'of a core':>10}"
              f"{'arrived/s':>10}{'loss':>9}{'trip p99 us':>12}")
        order = sorted(self.costs, key=lambda k: PROGRAMS.index(k[2]))
        workloads = list(dict.fromkeys(key[0] for key in self.costs))
        for key in sorted(order, key=lambda k: (workloads.index(k[0]), k[2] != RELAY)):
            row = self.costs[key]
            cpu = row["cpu_us"]
            ratio = f"{row['ratio']['median']:.2f}" if "ratio" in row else "-"
            user = f"{row['user_us']:.2f}" if "user_us" in row else "-"
            share = f"{row['user_share']:.0%}" if "user_us" in row else "-"
            wakes = ("<" if row["datagrams"] == "counted" else "") + \
                f"{row['wakes_per_datagram']['median']:.3f}"
            print(f"{key[0]:13}{key[1]:11}{key[2]:11}{cpu['median']:8.2f} "
                  f"{'(%.2f-%.2f)' % (cpu['least'], cpu['most']):>14}{ratio:>9}{user:>8}{share:>5}"
                  f"{wakes:>12}{row['wakes_per_packet']['median']:8.3f}"
                  f"{row['core_share']['median']:10.1%}{row['packets_per_second']['median']:10.0f}"
                  f"{row['loss']['median']:9.4%}{row['trip_p99_us']['median']:12.0f}")

        lags = {w: statistics.median(self.find(self.costs, key, "encoder_lag_p99_us")
                                     for key in self.costs if key[0] == w)
                for w in workloads if w.startswith("even")}
        if lags:
            print("the encoder was late by, p99 us: " +
                  ", ".join(f"{w} {lag:.0f}" for w, lag in lags.items()))

    def show_added(self):
        print(f"\n{'added at':13}{'pair':11}{'program':11}{'p50 us':>9}{'p99 us':>9}{'max us':>9}"
              f"{'p99 to plain':>13}{'wakes/dgram':>12}{'runs':>8}{'missed':>8}")
        for key, row in self.added.items():
            ratio = f"{row['ratio']['median']:.2f}" if "ratio" in row else "-"
            print(f"{key[0]:13}{key[1]:11}{key[2]:11}{row['p50_us']['median']:9.1f}"
                  f"{row['p99_us']['median']:9.1f}{row['max_us']['median']:9.0f}{ratio:>13}"
                  f"{row['wakes_per_datagram']['median']:12.3f}{row['runs']['median']:8.0f}"
                  f"{row['missed']['median']:8.0f}")

    def show_limits(self):
        print(f"\n{'limit':11}{'packets/s without loss':>30}{'to plain':>9}{'ended by':>9}"
              f"   at plain's: {'p50 us':>8}{'p99 us':>9}")
        for name, row in self.limits.items():
            rate = row["rate"]
            ratio = f"{row['rate_ratio']['median']:.2f}" if "rate_ratio" in row else "-"
            way = [f"{row[k]['median']:.0f}" if k in row else "-" for k in ("p50_us", "p99_us")]
            print(f"{name:11}{rate['median']:12.0f} {'(%d-%d)' % (rate['least'], rate['most']):>17}"
                  f"{ratio:>9}{row['ended_by'] or '-':>9}{'':15}{way[0]:>8}{way[1]:>9}")

    def data(self):
        return {"rows": list(self.costs.values()), "limit": list(self.limits.values()),
                "added": list(self.added.values()),
                "limits": [dict(zip(("where", "what", "figure", "limit", "sign", "holds"), verdict))
                           for verdict in self.verdicts()]}
