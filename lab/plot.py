#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Draws one run of the field lab with gnuplot: what went into each link and came out, the delay on
the way, and what was lost, sent again or late.

usage: plot.py SERIES.json PICTURE.svg [PICTURE.png]

SERIES.json is one vehicle of an emulator's or simulator's report, with "title", and perhaps "notes"
(a second line), "late" (the seconds at which packets that came too late were made) and "lasts_s".
"""
import json
import math
import subprocess
import sys

COLOURS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#7a5195", "#8c8c00"]
LOST, RESENT, SHADE, INK = "#d00000", "#f08000", "#e4e4e4", "#202020"
DRAWN = 16            # links; more would not be told apart
POINTS = 300          # across the picture
SPIKE = 2             # times what comes out of a link, at most, is drawn of what goes in
WIDTH = 1200          # pixels, as are these:
HEAD, FOOT, GAP, LEFT, RIGHT = 58, 50, 12, 78, 150
TOTAL, STRIP, DELAY = 120, 84, 190


def gather(values, by, reduce):
    """One value for each `by` values; what is absent does not count."""
    rows = [[v for v in values[i:i + by] if v is not None] for i in range(0, len(values), by)]
    return [reduce(row) if row else math.nan for row in rows]


def mean(row):
    return sum(row) / len(row)


def block(name, rows):
    """Data for gnuplot."""
    lines = [" ".join(f"{v:.6g}" for v in row) for row in rows] or ["NaN NaN NaN NaN"]
    return f"${name} << END\n" + "\n".join(lines) + "\nEND\n"


def quote(text):
    """As a string of gnuplot's, whose rules JSON's are near enough to."""
    return json.dumps(str(text), ensure_ascii=False)


def nice(top):
    """A round figure at or above `top`."""
    if not top > 0:
        return 1
    unit = 10 ** math.floor(math.log10(top))
    return next(unit * m for m in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if unit * m >= top * 0.999)


class Picture:
    """The panels of one run, from top to bottom, as a script for gnuplot."""

    def __init__(self, run):
        self.run = run
        self.links = run["series"]["links"][:DRAWN]
        self.bin = run["series"]["bin_s"]
        bins = max((len(link["in_mbps"]) for link in self.links), default=0)
        self.lasts = run.get("lasts_s") or max(bins, 1) * self.bin
        self.by = max(1, math.ceil(self.lasts / self.bin / POINTS))
        self.height = HEAD + TOTAL + len(self.links) * (STRIP + GAP) + GAP + DELAY + FOOT
        self.below = HEAD  # pixels that are taken
        self.script = []

    def say(self, *lines):
        self.script += lines

    def times(self, count):
        return [(i + 0.5) * self.by * self.bin for i in range(count)]

    def panel(self, name, height, unit, top, last=False):
        """The next panel downward; its heading stands to its right."""
        high = 1 - self.below / self.height
        self.below += height
        low = 1 - self.below / self.height
        self.below += GAP
        middle = (high + low) / 2
        self.say(
            "unset label; unset object; unset arrow",
            f"set tmargin at screen {high:.5f}; set bmargin at screen {low:.5f}",
            f"set yrange [0:{top:.6g}]; set ytics {nice(top / (3 if height > STRIP else 2)):.6g}",
            f"set ylabel {quote(unit)} offset 1.2,0",
            f"set format x {quote('%g' if last else '')}",
            f"set xlabel {quote('seconds' if last else '')}",
            f"set label {name} at screen {1 - (RIGHT - 12) / WIDTH:.5f},{middle:.5f} left")

    def shade(self, number=None):
        """Grey where a link is dark: the link of this number, or any."""
        for outage in self.run.get("outages", []):
            if number is None or outage["link"] == number:
                self.say(f"set object rectangle from first {outage['from_s']:.6g},graph 0"
                         f" to first {min(outage['until_s'], self.lasts):.6g},graph 1"
                         f" fillcolor rgb '{SHADE}' fillstyle solid noborder behind")

    def rates(self, name, link, colour, top):
        into = [min(v, top) for v in gather(link["in_mbps"], self.by, mean)]
        out = gather(link["out_mbps"], self.by, mean)
        self.say(block(name, zip(self.times(len(into)), into, out)))
        return [f"${name} using 1:2 with filledcurves y1=0 fillcolor rgb '{colour}' fillstyle"
                f" transparent solid 0.30 noborder",
                f"${name} using 1:3 with lines linewidth 1.6 linecolor rgb '{colour}'"]

    def ticks(self, name, moments, colour, low, high):
        """Short upright lines at these moments."""
        if not moments:
            return []
        self.say(block(name, ((t, low, 0, high - low) for t in moments)))
        return [f"${name} using 1:2:3:4 with vectors nohead linewidth 1 linecolor rgb '{colour}'"]

    def moments(self, link, key):
        return [(i + 0.5) * self.bin for i, count in enumerate(link[key]) if count]

    def most(self, link):
        """How high its panel goes: bursts far above what the link carries are cut off."""
        into = max(gather(link["in_mbps"], self.by, mean), default=0)
        out = max(gather(link["out_mbps"], self.by, mean), default=0)
        return min(into, SPIKE * out) if out else into

    def all_links(self):
        total = {key: [sum(row) for row in zip(*(link[key] for link in self.run["series"]["links"]))]
                 for key in ("in_mbps", "out_mbps")}
        top = nice(self.most(total))
        self.panel(quote("all links"), TOTAL, "Mbit/s", top)
        self.shade()
        self.say("plot " + ", ".join(self.rates("all", total, "#606060", top)))

    def strip(self, number, link, most):
        high = nice(most)
        top = high * 1.28
        colour = COLOURS[(number - 1) % len(COLOURS)]
        share = self.run.get("links", [])
        share = f"  {100 * share[number - 1]['share']:.0f} %" if len(share) >= number else ""
        self.panel(f"{quote(f'link {number}{share}')} textcolor rgb '{colour}'", STRIP, "Mbit/s", top)
        self.shade(number)
        self.say("plot " + ", ".join(
            self.rates(f"rate{number}", link, colour, high)
            + self.ticks(f"lost{number}", self.moments(link, "dropped"), LOST, top * 0.89, top)
            + self.ticks(f"again{number}", self.moments(link, "resent"), RESENT, top * 0.78, top * 0.88)))

    def delays(self):
        curves = []
        top = 0
        for number, link in enumerate(self.links, 1):
            usual = gather([v or None for v in link["delay_ms"]], self.by, mean)
            most = gather([v or None for v in link["delay_max_ms"]], self.by, max)
            top = max([top] + [v for v in most if v == v])
            colour = COLOURS[(number - 1) % len(COLOURS)]
            self.say(block(f"delay{number}", zip(self.times(len(usual)), usual, most)))
            curves += [f"$delay{number} using 1:3 with lines linewidth 0.6 linecolor rgb '{colour}' dashtype 3",
                       f"$delay{number} using 1:2 with lines linewidth 1.6 linecolor rgb '{colour}'"]
        top = nice(top * 1.08)
        self.panel(quote("one-way delay\nof each link:\nmean, most"), DELAY, "ms", top, True)
        self.shade()
        late = sorted(set(round(t / self.bin) * self.bin for t in self.run.get("late", [])))
        curves += self.ticks("late", late, LOST, top * 0.93, top)
        self.say("plot " + (", ".join(curves) or "NaN"))

    def heading(self):
        """Title, notes and what the marks mean."""
        def at(y, text, style):
            self.say(f"set label {quote(text)} at screen {LEFT / WIDTH:.5f},{1 - y / self.height:.5f} left {style}")

        at(18, self.run.get("title", ""), f"font ',14' textcolor rgb '{INK}'")
        at(40, self.run.get("notes", ""), "font ',10' textcolor rgb '#606060'")
        right = 1 - (RIGHT - 12) / WIDTH
        legend = [("into the link: filled", "#606060"), ("out of it: line", "#606060"),
                  ("| lost; late at the end", LOST), ("| sent again", RESENT)]
        for row, (text, colour) in enumerate(legend):
            self.say(f"set label {quote(text)} at screen {right:.5f},{1 - (12 + 13 * row) / self.height:.5f}"
                     f" left font ',9' textcolor rgb '{colour}'")

    def draw(self):
        most = max((self.most(link) for link in self.links), default=0)
        self.say(
            "set encoding utf8; unset key; set grid linecolor rgb '#d8d8d8' linewidth 0.5",
            "set border 3 linecolor rgb '#808080'",
            f"set tics nomirror scale 0.5 textcolor rgb '{INK}'; set style fill noborder",
            f"set lmargin at screen {LEFT / WIDTH:.5f}; set rmargin at screen {1 - RIGHT / WIDTH:.5f}",
            f"set xrange [0:{self.lasts:.6g}]; set multiplot")
        self.all_links_with_heading()
        for number, link in enumerate(self.links, 1):
            self.strip(number, link, most)
        self.delays()
        self.say("unset multiplot")
        return "\n".join(self.script) + "\n"

    def all_links_with_heading(self):
        """Labels belong to a plot, so those of the whole picture go with the first."""
        self.all_links()
        plot = self.script.pop()
        self.heading()
        self.say(plot)


def terminal(file, height):
    if file.endswith(".png"):
        return f"set terminal pngcairo noenhanced background rgb 'white' size {WIDTH},{height} font 'Sans,10'"
    return f"set terminal svg noenhanced dynamic background rgb 'white' size {WIDTH},{height} font 'Sans,12'"


def draw(run, *files):
    """Writes the pictures; the kind of each follows from its suffix."""
    for file in files:
        picture = Picture(run)
        script = f"{terminal(file, picture.height)}\nset output {quote(file)}\n{picture.draw()}"
        try:
            done = subprocess.run(["gnuplot"], input=script, text=True, capture_output=True, check=False)
        except FileNotFoundError as missing:
            raise OSError("pictures need gnuplot (the package gnuplot-nox)") from missing
        if done.returncode:
            raise OSError(f"{file}: gnuplot: {done.stderr.strip()[-400:]}")


def main():
    if len(sys.argv) not in (3, 4) or sys.argv[1].startswith("-"):
        print(__doc__ if "--help" in sys.argv else "plot.py: SERIES.json PICTURE.svg [PICTURE.png]; --help says more")
        sys.exit(0 if "--help" in sys.argv else 64)
    try:
        with open(sys.argv[1], encoding="utf-8") as text:
            run = json.load(text)
        draw(run, *sys.argv[2:])
    except (OSError, ValueError, KeyError) as error:
        print(f"plot.py: {error}", file=sys.stderr)
        sys.exit(65)


if __name__ == "__main__":
    main()
