#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Alerts and dashboard name what there is, and a Prometheus that scrapes both programs can tell.

prometheus.py files DIR MANUAL...  the files by themselves
prometheus.py live DIR URL         asks the Prometheus at URL
"""
import json
import os
import re
import sys
import urllib.parse
import urllib.request

METRIC = re.compile(r"\bsrtla_(?:send|rec)_[a-z][a-z_]*")
HISTOGRAM = re.compile(r"_(?:bucket|count|sum)$")
# Shown only once there is something to show.
LATER = {"srtla_send_refusals_total", "srtla_rec_refusals_total"}
VARIABLES = {"$__rate_interval": "5s", "$sender": ".*", "$receiver": ".*", "$link": ".*", "$group": ".*"}


def text_of(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def families(text):
    return {HISTOGRAM.sub("", name) for name in METRIC.findall(text)}


def dashboard(directory):
    return json.loads(text_of(os.path.join(directory, "dashboard.json")))


def expressions(board):
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]


def alerts(directory):
    return re.findall(r"- alert: (\w+)", text_of(os.path.join(directory, "alerts.yml")))


def overlap(a, b):
    return a["x"] < b["x"] + b["w"] and b["x"] < a["x"] + a["w"] and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"]


def check_board(board):
    panels = board["panels"]
    assert board["schemaVersion"] >= 36 and board["uid"], "Grafana takes no such dashboard"
    names = {v["name"] for v in board["templating"]["list"]}
    assert names == {"datasource"} | {v[1:] for v in VARIABLES if not v.startswith("$__")}, names
    assert len({p["id"] for p in panels}) == len(panels), "two panels with one id"
    for i, panel in enumerate(panels):
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24, panel["title"]
        for other in panels[:i]:
            assert not overlap(panel["gridPos"], other["gridPos"]), f"{panel['title']} is on {other['title']}"
        for target in panel.get("targets", ()):
            assert target["datasource"]["uid"] == "${datasource}", panel["title"]
            for variable in re.findall(r"\$\w+", target["expr"]):
                assert variable in VARIABLES, f"{panel['title']}: {variable}"


def check_files(directory, manuals):
    told = families("".join(text_of(m) for m in manuals))
    assert len(told) > 80, "the manuals name few metrics"
    for name in ("alerts.yml", "dashboard.json", "alerts_test.yml", "README.md"):
        strange = families(text_of(os.path.join(directory, name))) - told
        assert not strange, f"{name}: {sorted(strange)} in no manual"
    check_board(dashboard(directory))
    tests = text_of(os.path.join(directory, "alerts_test.yml"))
    for alert in alerts(directory):
        assert re.search(rf"alertname: {alert}, .*exp_alerts: \[\]", tests), f"{alert} is never silent"
        assert re.search(rf"alertname: {alert}\n.*\n *exp_alerts:\n *- ", tests), f"{alert} is never heard"


def ask(url, path, **query):
    with urllib.request.urlopen(f"{url}/api/v1/{path}?{urllib.parse.urlencode(query)}", timeout=5) as answer:
        said = json.load(answer)
    assert said["status"] == "success", said
    return said["data"]


def check_live(directory, url):
    targets = {t["labels"]["job"]: t["health"] for t in ask(url, "targets")["activeTargets"]}
    assert targets == {"srtla_send": "up", "srtla_rec": "up"}, targets
    rules = [r for group in ask(url, "rules")["groups"] for r in group["rules"]]
    assert sorted(r["name"] for r in rules) == sorted(alerts(directory)), "not all alerts are loaded"
    for rule in rules:
        assert rule["health"] == "ok", f"{rule['name']}: {rule.get('lastError', rule['health'])}"
        assert rule["state"] == "inactive", f"{rule['name']} is {rule['state']} where all is well"
    known = {HISTOGRAM.sub("", name) for name in ask(url, "label/__name__/values")}
    for name in ("alerts.yml", "dashboard.json"):
        absent = families(text_of(os.path.join(directory, name))) - known - LATER
        assert not absent, f"{name}: {sorted(absent)} was not scraped"
    quiet = []
    for title, expression in expressions(dashboard(directory)):
        for variable, value in VARIABLES.items():
            expression = expression.replace(variable, value)
        if not ask(url, "query", query=expression)["result"] and not families(expression) & LATER:
            quiet.append((title, expression))
    for title, expression in quiet:
        assert expression.endswith("> 0"), f"{title} shows nothing: {expression}"
    print(f"{len(rules)} alerts, {len(list(expressions(dashboard(directory))))} expressions, {len(known)} names")


def main():
    try:
        if sys.argv[1] == "files":
            check_files(sys.argv[2], sys.argv[3:])
        else:
            check_live(sys.argv[2], sys.argv[3])
    except (AssertionError, OSError) as why:
        print(f"prometheus.py: {why}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
