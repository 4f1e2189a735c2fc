# SPDX-License-Identifier: MIT
"""One run: a pair of programs on the links of a scenario, from the first packet to the verdict."""
import heapq
import json
import os
import shlex
import shutil
import signal
import subprocess
import time

from front.children import Child, Usage, within
from front.media import Stamped, load
from front.world import APP_PORT, HOST, PORT, SERVER_PORT, WORK, Trouble, World, car, path

JOIN = 3      # seconds that programs have to find each other before the media,
PATIENCE = 5  # to start and to end,
CONNECT = 10  # and SRT to connect


class Tools:
    """Where the programs and the recordings are."""

    def __init__(self, places, traces):
        self.places = places
        self.traces = traces

    def find(self, name):
        for place in self.places:
            file = os.path.join(place, name)
            if os.access(file, os.X_OK):
                return file
        file = shutil.which(name)
        if not file:
            raise Trouble(f"{name} is not to be found; LINKLAB_HELPERS says where", 69)
        return file

    def traces_option(self):
        return ["--traces", self.traces] if self.traces else []

    def describe(self, file, vehicles):
        """The scenario, as JSON tells it."""
        words = [self.find("linklab-emulator"), "--describe", file] + self.traces_option()
        if vehicles:
            words += ["--vehicles", str(vehicles)]
        said = subprocess.run(words, capture_output=True, text=True, check=False)
        if said.returncode:
            raise Trouble(said.stderr.strip().removeprefix("linklab-emulator: "), said.returncode)
        return json.loads(said.stdout)


class Pair:
    """Two commands under test; None stands for our own program."""

    def __init__(self, send=None, rec=None):
        self.send, self.rec = send or None, rec or None
        self.name = " + ".join(os.path.basename(shlex.split(c)[0]) if c else own
                               for c, own in ((self.send, "srtla_send"), (self.rec, "srtla_rec")))

    @staticmethod
    def words(command, places, own):
        """The whole command line; `places` are what its placeholders stand for, or what is appended."""
        if not command:
            return [own] + list(places.values())
        words = shlex.split(command)
        if not any("{" + key + "}" in word for word in words for key in places):
            return words + list(places.values())
        for key, value in places.items():
            words = [word.replace("{" + key + "}", value) for word in words]
        return words


def under_test(name):
    return name == "rec" or name.startswith("send")


class Run:
    """Everything that belongs to one run; play() does it all."""

    def __init__(self, tools, file, scenario, pair, seed, folder, media=Stamped):
        self.tools, self.file, self.scenario, self.pair, self.seed = tools, file, scenario, pair, seed
        self.folder = folder
        self.vehicles, self.links = scenario["vehicles"], scenario["links"]
        self.lasts, self.latency = scenario["lasts_s"], scenario["stream"]["latency_s"]
        self.children = {}
        self.broken = []     # (name, how): what ended by itself and should not have
        self.usage = {"send": Usage(), "rec": Usage()}
        self.deeds = []      # (moment, order, what)
        self.terms = [dict(terms) for terms in scenario["terms"]]  # of each link, as they are now
        self.began = 0
        self.world = None
        self.over = False    # ahead of time, since something of the lab itself broke
        os.makedirs(folder, exist_ok=True)
        for left in os.scandir(folder):  # of an earlier run of that name
            if left.is_file():
                os.remove(left)
        self.media = media(self)

    # Programs.

    def start(self, name, netns, words, **pipes):
        self.children[name] = Child(name, netns, words, f"{self.folder}/{name}.log", **pipes)
        return self.children[name]

    def alive(self, name):
        return name in self.children and self.children[name].alive()

    def end(self, name, number=signal.SIGTERM):
        """Ends it; whoever ended before is noted."""
        child = self.children.pop(name, None)
        if not child:
            return
        if not child.alive() and child.process.returncode != 0:
            self.note(name, child)
        child.stop(number, PATIENCE)

    def note(self, name, child):
        self.broken.append((name, f"ended with status {child.process.returncode}: {child.last_words()}"))

    def watch_over(self):
        """Whoever has ended early is noted once."""
        for name, child in list(self.children.items()):
            if not child.alive() and (child.process.returncode != 0 or name not in self.media.encoders):
                self.note(name, child)
                self.over = self.over or not under_test(name)
                del self.children[name]

    def start_rec(self):
        words = self.pair.words(self.pair.rec, {"port": str(PORT), "server": "127.0.0.1",
                                                "sport": str(SERVER_PORT)}, self.tools.find("srtla_rec"))
        child = self.start("rec", "road", words)
        within(PATIENCE, lambda: child.listens(PORT) or not child.alive())
        self.usage["rec"].watch(child)

    def start_send(self, v):
        words = self.pair.words(self.pair.send, {"port": str(APP_PORT), "host": HOST, "rport": str(PORT),
                                                 "ips": self.write_uplinks(v)}, self.tools.find("srtla_send"))
        child = self.start(f"send{v + 1}", car(v), words)
        within(PATIENCE, lambda: child.listens(APP_PORT) or not child.alive())
        self.usage["send"].watch(child)

    def write_uplinks(self, v):
        file = f"{WORK}/uplinks{v + 1}"
        with open(file + ".new", "w", encoding="ascii") as text:
            for own, terms in zip(self.world.uplinks(v), self.terms):
                text.write(" ".join([own] + [f"{key}={value}" for key, value in terms.items()]) + "\n")
        os.replace(file + ".new", file)
        return file

    def start_emulator(self):
        words = [self.tools.find("linklab-emulator"), self.file, "--seed", str(self.seed), "--road", path("road"),
                 "--report", f"{self.folder}/emulator.json"] + self.tools.traces_option()
        for v in range(self.vehicles):
            words += ["--car", path(car(v))]
        child = self.start("emulator", None, words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if child.process.stdout.readline() != b"ready\n":
            raise Trouble(f"linklab-emulator does not get ready: {child.last_words()}")

    def tell(self, line):
        stdin = self.children["emulator"].process.stdin
        stdin.write(line.encode() + b"\n")
        stdin.flush()

    # What happens on the way.

    def plan(self, at, what, *args):
        heapq.heappush(self.deeds, (at, len(self.deeds), what, args))

    def plan_events(self):
        for event in self.scenario["events"]:
            if event["at_s"] >= self.lasts or event["deed"] == "rebind":
                continue  # the emulator does the latter
            if event["deed"] == "readdress":
                self.plan(event["at_s"], self.readdress, event["link"] - 1)
            elif event["deed"] == "terms":
                self.plan(event["at_s"], self.change_terms, event["link"] - 1, event["terms"])
            else:
                self.plan(event["at_s"], self.restart, event["deed"], event["after_s"])

    def tell_uplinks(self, v):
        self.write_uplinks(v)
        if self.alive(f"send{v + 1}"):
            self.children[f"send{v + 1}"].kick(signal.SIGHUP)

    def readdress(self, n):
        for v in range(self.vehicles):
            self.world.readdress(v, n)
            self.tell_uplinks(v)

    def change_terms(self, n, terms):
        self.terms[n].update(terms)
        for v in range(self.vehicles):
            self.tell_uplinks(v)

    def restart(self, deed, after):
        """Ends the programs of that kind without a word, and plans their return."""
        cars = range(self.vehicles)
        again = {"receiver": [("rec", self.start_rec, ())],
                 "sender": [(f"send{v + 1}", self.start_send, (v,)) for v in cars],
                 "server": [("sink", self.media.serve, ())],
                 "encoder": [(f"source{v + 1}", self.media.feed, (v,)) for v in cars]}[deed]
        for name, start, args in again:
            child = self.children.pop(name, None)
            if child:
                for usage in self.usage.values():
                    usage.settle(child)
                child.stop(signal.SIGKILL)
            self.plan(time.monotonic() - self.began + after, start, *args)

    # The run itself.

    def play(self, watcher=None):
        """All of it; `watcher` is called each 50 ms."""
        try:
            self.prepare()
            self.drive(watcher)
            self.media.finish()
            self.finish()
        finally:
            for child in self.children.values():
                child.stop(signal.SIGKILL)
            if self.world:
                self.world.destroy()
        return self

    def prepare(self):
        self.world = World(self.vehicles, self.links)
        self.start_emulator()
        self.world.connect()
        self.media.serve()
        self.start_rec()
        for v in range(self.vehicles):
            self.start_send(v)
        time.sleep(JOIN)
        self.watch_over()

    def drive(self, watcher):
        self.began = time.monotonic()
        for v in range(self.vehicles):
            self.media.feed(v)
        self.media.await_start(CONNECT)
        self.began = time.monotonic()
        self.tell("start")
        for usage in self.usage.values():
            usage.begin()
        self.plan_events()
        while (now := time.monotonic() - self.began) < self.lasts and not self.over:
            while self.deeds and self.deeds[0][0] <= now:
                _, _, what, args = heapq.heappop(self.deeds)
                what(*args)
            self.watch_over()
            if watcher:
                watcher(now)
            due = self.deeds[0][0] if self.deeds else self.lasts
            time.sleep(max(0.001, min(0.05, due - now, self.lasts - now)))
        for child in self.children.values():
            for usage in self.usage.values():
                usage.settle(child)

    def finish(self):
        """The links go last, so that nobody complains of their absence."""
        for v in range(self.vehicles):
            self.end(f"send{v + 1}")
        self.end("rec")
        if "emulator" in self.children:
            try:
                self.tell("stop")
            except BrokenPipeError:
                pass
            self.children["emulator"].wait(PATIENCE)
            self.end("emulator")

    # What came of it.

    def reports(self):
        """The emulator's report and how each vehicle fared."""
        return load(f"{self.folder}/emulator.json"), self.media.judge()
