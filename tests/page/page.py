#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""page.py sender|receiver WORK URL [PICTURES]: reads a status page as people do, through Chromium.

The sender's: WORK/cut is run to make link 2 fall silent, WORK/freeze and WORK/thaw to stop the program.
"""
import json
import os
import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from browser import Browser  # noqa: E402

ROWS = """return [...document.querySelectorAll("#rows > *")].filter(n => !n.classList.contains("heads"))
    .map(n => ({key: n.dataset.key, state: n.querySelector(".state").innerText, text: n.innerText}))"""
WIDE = "return document.documentElement.scrollWidth <= innerWidth"
ANSWERING = "return document.getElementById('answering').textContent"


def check(sentence, true, seen=None):
    if not true:
        sys.exit(f"FAILED: {sentence}" + (f": {seen}" if seen is not None else ""))
    print(f"{time.strftime('%T')} ok: {sentence}", flush=True)


def charts(browser):
    return browser.run("return window.waybond.charts")


def latest(browser, chart):
    return {name: values[-1] for name, values in charts(browser)[chart]["series"].items()}


def reads_well(browser, url):
    """What is said of both pages."""
    browser.size(360, 800)
    time.sleep(0.3)
    check("nothing is wider than a small phone", browser.run(WIDE))
    before = browser.run("return document.documentElement.dataset.theme")
    browser.run("document.getElementById('theme').click()")
    check("a button changes between dark and light",
          browser.run("return document.documentElement.dataset.theme") != before)
    browser.run("document.getElementById('theme').click()")
    unnamed = browser.run("""return [...document.querySelectorAll("button, a, [tabindex], [role=img]")]
        .filter(n => !(n.getAttribute("aria-label") || n.textContent.trim())).length""")
    check("whatever can be reached has a name", unnamed == 0, unnamed)
    said = [entry for entry in browser.log("browser") if entry["level"] in ("SEVERE", "WARNING")]
    check("the console has nothing to say", not said, said)
    asked = browser.requests()
    check("the page asked for something", any(a == url + "stats" for a in asked), asked)
    # A browser that has just begun may still be loading a page of its own.
    strange = [a for a in asked if not a.startswith((url, "data:", "chrome://"))]
    check("and only its own server", not strange, strange)


def pictures(browser, url, name, place):
    if not place:
        return
    os.makedirs(place, exist_ok=True)
    for scheme in ("light", "dark"):
        for kind, width, height in (("desktop", 1440, 900), ("phone", 390, 844)):
            browser.size(width, height)
            browser.colours(scheme)
            browser.open(url)
            browser.waits("return window.waybond?.charts.rate?.times.length > 3", 5)
            time.sleep(1.2)
            browser.picture(f"{place}/{name}-{scheme}-{kind}.png")


def number(text):
    """Of "3.12 Mbit/s", in Mbit/s."""
    value, unit = re.match(r"([\d.]+)\s*([MkG])bit/s", text).groups()
    return float(value) * {"k": 1e-3, "M": 1}[unit]


def turns(browser, work):
    """A link falls silent, and the page says so."""
    subprocess.run([f"{work}/cut"], check=True)
    began = time.monotonic()
    turned = browser.waits(f"const rows = (() => {{ {ROWS} }})(); return rows[1].state.match(/shy|down/)", 5)
    rows = browser.run(ROWS)
    check(f"a link that falls silent turns within 5 s ({time.monotonic() - began:.1f} s)", turned, rows)
    check("and says why", len(rows[1]["state"].split("\n")) == 2, rows[1]["state"])
    check("in words that are spoken too", browser.waits("return document.getElementById('news').textContent.includes(' is ')", 2))
    check("the headline counts links",
          browser.waits("return document.getElementById('headline').textContent === 'Streaming on 2 of 3 links'", 3))
    name = rows[1]["key"]
    check("its line in the chart falls", browser.waits(
        "return window.waybond.charts.rate.series[arguments[0]].at(-1) < 0.15", 6, name), latest(browser, "rate"))
    check("the event is listed", browser.waits(
        "return /link (shy|down)/.test(document.getElementById('events').innerText)", 3))


def falls_silent(browser, work):
    subprocess.run([f"{work}/freeze"], check=True)
    check("a program that does not answer is told", browser.waits(ANSWERING + ".includes('no answer since')", 9))
    subprocess.run([f"{work}/thaw"], check=True)
    check("and found again", browser.waits(ANSWERING + ".includes('live')", 9))


def sender(browser, work, url, place):
    check("the page draws its charts", browser.waits("return window.waybond?.charts.rate?.times.length > 3", 8))
    rows = browser.run(ROWS)
    check("there is a line for each link", len(rows) == 3, rows)
    check("each is up, in a word", all(re.fullmatch(r"\W*up", row["state"]) for row in rows), rows)
    check("the headline is calm", browser.run("return document.getElementById('headline').textContent") == "Streaming")
    rates = latest(browser, "rate")
    links = {name: rate for name, rate in rates.items() if name != "capacity"}
    check(f"the chart has the rates of the links {links}", set(links) == {row["key"] for row in rows})
    check("which together carry the stream", 3.2 < sum(links.values()) < 6, links)
    shown = browser.run("return [...document.querySelectorAll('#rows [data-label=rate]')].map(n => n.innerText)")
    check(f"their lines say the same {shown}",
          all(abs(number(text) - links[row["key"]]) < 0.05 for text, row in zip(shown, rows)), links)
    rtt = latest(browser, "rtt")
    check(f"the round trips are those of the roads {rtt}", 40 < rtt[rows[0]["key"]] < 300 and rtt[rows[2]["key"]] > 130)
    times = charts(browser)["rate"]["times"]
    check("the charts begin before the page was opened", times[0] < browser.opened - 2, times[:3])
    check("delays are told by class", browser.waits(
        "const t = document.getElementById('delays').innerText; return /data, in here/.test(t) && /on the way/.test(t)", 3),
        browser.run("return document.getElementById('delays').innerText"))
    reads_well(browser, url)
    pictures(browser, url, "sender", place)
    turns(browser, work)
    falls_silent(browser, work)


def receiver(browser, work, url, place):
    check("the page draws its charts", browser.waits("return window.waybond?.charts.rate?.times.length > 3", 8))
    rows = browser.run(ROWS)
    check("there is one group", len(rows) == 1, rows)
    check("with a name that says nothing", re.fullmatch("[0-9a-f]{8}", rows[0]["key"]))
    check("and it is live", "live" in rows[0]["state"], rows)
    members = browser.run("return [...document.querySelectorAll('.member.line:not(.heads)')].map(n => n.innerText)")
    check("it opens to its members", len(members) >= 2 and all("10.9." in m for m in members), members)
    rates = latest(browser, "rate")
    check(f"its chart has the stream's rate {rates}", 3.2 < rates[rows[0]["key"]] < 6)
    check("delays are told", "held for order" in browser.run("return document.getElementById('delays').innerText"))
    with open(f"{work}/key", encoding="utf-8") as text:
        key = text.read().strip()
    everything = browser.run("return document.documentElement.outerHTML") + json.dumps(browser.run("""
        return Promise.all(["/stats", "/history", "/events", "/metrics"].map(path => fetch(path).then(r => r.text())))"""))
    check("the stream key is nowhere", key not in everything)
    reads_well(browser, url)
    pictures(browser, url, "receiver", place)


def main():
    which, work, url, *place = sys.argv[1:]
    os.environ["HOME"] = work
    with Browser(work) as browser:
        browser.size(1440, 900)
        browser.requests()  # of its own new tab
        browser.opened = time.time()
        browser.open(url)
        {"sender": sender, "receiver": receiver}[which](browser, work, url, place[0] if place else None)


if __name__ == "__main__":
    main()
