#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Real SRTLA programs with a real SRT stream, on emulated links; see linklab(1)."""
import argparse
import json
import math
import os
import re
import sys
import time

import plot
from front.measure import line
from front.report import Result, brief, overview
from front.run import Pair, Run, Tools
from front.world import Trouble, enter

HERE = os.path.dirname(os.path.realpath(__file__))
SCENARIOS = os.path.join(HERE, "scenarios")
USAGE, MOST_VEHICLES = 64, 8
TABLE = ("s01", "s02", "s05", "s08", "s10", "s23")  # of the table, unless others are named
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1}


class Words(argparse.ArgumentParser):
    """Mistakes are one line."""

    def error(self, message):
        print(f"linklab: {message}; --help says what there is", file=sys.stderr)
        sys.exit(USAGE)


def span(word):
    """Seconds: "20s", "250ms"."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(us|ms|s)", word)
    if not found or float(found[1]) == 0:
        raise argparse.ArgumentTypeError(f"'{word}' is no span such as 20s or 250ms")
    return float(found[1]) * UNITS[found[2]]


def count(most):
    def read(word):
        if not word.isdigit() or not 1 <= int(word) <= most:
            raise argparse.ArgumentTypeError(f"'{word}' is no number from 1 to {most}")
        return int(word)
    return read


def command_line():
    words = Words(prog="linklab", description="Puts SRTLA programs and a real SRT stream on emulated links.")
    verbs = words.add_subparsers(dest="verb", required=True, metavar="run|table|list")
    verbs.add_parser("list", help="the scenarios that come along")
    run = verbs.add_parser("run", help="play a scenario with one pair of programs, or two")
    run.add_argument("scenario", metavar="SCENARIO", help="a file, or the name of one that comes along")
    add_options(run, 1, None)
    table = verbs.add_parser("table", help="play several scenarios and put them into one table")
    table.add_argument("scenarios", metavar="SCENARIO", nargs="*", help=f"by default {' '.join(TABLE)}")
    add_options(table, 3, 40)
    return words.parse_args()


def add_options(run, repeat, lasts):
    run.add_argument("--send", metavar="CMD", help="the sender (default: our srtla_send)")
    run.add_argument("--rec", metavar="CMD", help="the receiver (default: our srtla_rec)")
    run.add_argument("--against", metavar="SEND;;REC", help="a second pair, run by turns with the first")
    run.add_argument("--repeat", metavar="N", type=count(10000), default=repeat,
                     help=f"so many runs of each pair, with seeds from --seed on (default {repeat})")
    run.add_argument("--seed", metavar="N", type=count(2**63), default=1,
                     help="of all chances in the first run (default 1)")
    run.add_argument("--vehicles", metavar="N", type=count(MOST_VEHICLES),
                     help="so many, each with these links, into one receiver")
    run.add_argument("--lasts", metavar="SPAN", type=span, default=lasts,
                     help="of the media, in place of the scenario's" + (f" (default {lasts}s)" if lasts else ""))
    run.add_argument("--latency", metavar="SPAN", type=span, help="of SRT, in place of the scenario's")
    run.add_argument("--out", metavar="DIR", help="where results go (default: a new one in linklab-out)")
    run.add_argument("--traces", metavar="DIR", help="where recordings are that a scenario names")


def find_scenario(word):
    named = os.path.join(SCENARIOS, word + ".scn")
    for file in (word, named):
        if os.path.isfile(file):
            return file
    raise Trouble(f"{word}: there is no such file, nor does a scenario of that name come along; see linklab list", 66)


def tools(traces):
    """Programs are where LINKLAB_HELPERS says, where the installation has them, or on the PATH."""
    installed = os.path.join(HERE, "..", "..")
    places = [p for p in os.environ.get("LINKLAB_HELPERS", "").split(":") if p]
    places += [os.path.join(installed, "libexec", "waybond"), os.path.join(installed, "bin")]
    return Tools(places, traces or os.environ.get("LINKLAB_TRACES"))


def pairs_of(options):
    pairs = [Pair(options.send, options.rec)]
    if options.against is not None:
        send, between, rec = options.against.partition(";;")
        if not between:
            raise Trouble(f"--against: '{options.against}' holds no ';;' between sender and receiver", USAGE)
        pairs.append(Pair(send.strip(), rec.strip()))
        if pairs[0].name == pairs[1].name:
            pairs[1].name += " (2)"
    return pairs


def prepare(options, lab):
    """The scenario as it is to be run."""
    scenario = lab.describe(options.file, options.vehicles)
    if options.lasts:
        scenario["lasts_s"] = options.lasts
    if options.latency:
        scenario["stream"]["latency_s"] = options.latency
    if scenario["judged_from_s"] >= scenario["lasts_s"]:
        raise Trouble(f"--lasts: the scenario is judged from {scenario['judged_from_s']:g} s on", USAGE)
    if any(event["deed"] == "mode" for event in scenario["events"]):
        raise Trouble(f"{scenario['name']}: a mode that changes on the way is for srtla_sim", 65)
    for side, given in (("sender", options.send), ("receiver", options.rec)):
        if scenario[side] and not given:
            raise Trouble(f"{scenario['name']}: the {side} {scenario[side]} is a model of srtla_sim; "
                          f"give a program with --{'send' if side == 'sender' else 'rec'}", 65)
    return scenario


def draw(run, emulator, judged, result):
    """A picture for each vehicle; the names of the files."""
    files = []
    for v, census in enumerate(emulator.get("vehicles", [])):
        name = os.path.join(run.folder, "picture" + (f"-{v + 1}" if run.vehicles > 1 else ""))
        figures = result["vehicles"][v]["figures"]
        which = f", vehicle {v + 1}" if run.vehicles > 1 else ""
        census.update(title=f"{run.scenario['title']}  ({run.pair.name}, seed {run.seed}{which})",
                      notes=brief(figures) + f", SRT latency {run.latency:g} s",
                      late=judged[v]["late_at"], lasts_s=run.lasts)
        plot.draw(census, name + ".svg", name + ".png")
        files += [name + ".svg", name + ".png"]
    return files


def play(lab, options, scenario, pair, seed, folder):
    """One run; its line."""
    run = Run(lab, options.file, scenario, pair, seed, folder).play()
    emulator, judged = run.reports()
    result = line(run, emulator, judged)
    try:
        result["pictures"] = draw(run, emulator, judged, result)
    except OSError as error:
        print(f"linklab: no picture: {error}", file=sys.stderr)
        result["pictures"] = []
    return result


def finite(value):
    """As JSON can say it: what never came to be is null."""
    if isinstance(value, dict):
        return {key: finite(v) for key, v in value.items()}
    if isinstance(value, list):
        return [finite(v) for v in value]
    return None if value == math.inf else value


def say(result, at, of):
    print(f"run {at}/{of}  seed {result['seed']}  {result['pair']}: {brief(result['figures'])}"
          + ("" if result["valid"] else ", INVALID: " + "; ".join(result["why_invalid"]))
          + ("" if not result["broken"] else ", BROKEN: " + "; ".join(result["broken"])))
    for file in result["pictures"]:
        if file.endswith(".png"):
            print(f"  {file}")
    sys.stdout.flush()


def heading(scenario):
    stream = scenario["stream"]
    cars = f"{scenario['vehicles']} vehicles, " if scenario["vehicles"] > 1 else ""
    print(f"{scenario['title']}\n{cars}{scenario['links']} links, {stream['rate'] / 1e6:g} Mbit/s, latency "
          f"{stream['latency_s']:g} s, {scenario['lasts_s']:g} s", flush=True)


def folder_of(options, name):
    out = options.out or os.path.join("linklab-out", f"{name}-{time.strftime('%Y%m%d-%H%M%S')}")
    os.makedirs(out, exist_ok=True)
    return out


def play_all(lab, options, scenario, out):
    """All runs of one scenario."""
    pairs = pairs_of(options)
    result = Result(scenario, [pair.name for pair in pairs])
    heading(scenario)
    of = options.repeat * len(pairs)
    for at in range(of):
        seed, p = options.seed + at // len(pairs), at % len(pairs)
        folder = os.path.join(out, f"{scenario['name']}-{'ab'[p]}-seed{seed}")
        done = play(lab, options, scenario, pairs[p], seed, folder)
        with open(os.path.join(out, "runs.jsonl"), "a", encoding="utf-8") as lines:
            lines.write(json.dumps(finite(done), allow_nan=False) + "\n")
        result.add(p, done)
        say(done, at + 1, of)
    return result


def run_all(options):
    lab = tools(options.traces)
    options.file = find_scenario(options.scenario)
    scenario = prepare(options, lab)
    pairs_of(options)
    enter()
    out = folder_of(options, scenario["name"])
    result = play_all(lab, options, scenario, out)
    result.show()
    print(f"results: {os.path.join(out, 'runs.jsonl')}")
    return result.status()


def run_table(options):
    """Every scenario is looked at before the first is played."""
    lab = tools(options.traces)
    files = [find_scenario(word) for word in options.scenarios or TABLE]
    scenarios = []
    for file in files:
        options.file = file
        scenarios.append(prepare(options, lab))
    pairs_of(options)
    enter()
    out = folder_of(options, "table")
    results = []
    for file, scenario in zip(files, scenarios):
        options.file = file
        results.append(play_all(lab, options, scenario, out))
    print("\n" + overview(results))
    print(f"results: {os.path.join(out, 'runs.jsonl')}")
    if any(result.broken() for result in results):
        return 1
    return 2 if any(result.status() == 2 for result in results) else 0


def list_scenarios():
    for name in sorted(os.listdir(SCENARIOS)):
        if name.endswith(".scn"):
            with open(os.path.join(SCENARIOS, name), encoding="utf-8") as text:
                title = next((row.split(None, 1)[1].strip() for row in text if row.startswith("scenario ")), "")
            print(f"{name[:-4]:32} {title}")
    return 0


def main():
    options = command_line()
    try:
        code = {"list": lambda _: list_scenarios(), "table": run_table, "run": run_all}[options.verb](options)
    except Trouble as trouble:
        print(f"linklab: {trouble}", file=sys.stderr)
        code = trouble.code
    except BrokenPipeError:
        os._exit(141)  # nobody reads any more, as after "| head"
    sys.exit(code)


if __name__ == "__main__":
    main()
