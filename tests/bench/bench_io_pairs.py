# SPDX-License-Identifier: MIT
"""What bench_io.py measures, and with what: pairs of programs, the load, the tap."""
import os
import re
import shlex
import shutil
import signal
import subprocess

LINKS = ("127.0.1.1", "127.0.1.2", "127.0.1.3", "127.0.1.4")
PORTS = {"encoder": 9000, "srtla": 5000, "server": 4001}
SENDER, RECEIVER, RELAY = "srtla_send", "srtla_rec", "relay"
ENDS = (0, -signal.SIGTERM, 128 + signal.SIGTERM)  # of somebody else's program

OWN_SEND = "{send} %s {encoder} 127.0.0.1 {srtla} {links}"
OWN_REC = "{rec} %s {srtla} 127.0.0.1 {server}"
WAYS = {
    "plain": "--io plain",
    "mmsg": "--io mmsg",
    "gso": "--io gso",
    "coalesced": "--io gso --coalesce 1ms",
}


class Trouble(RuntimeError):
    """A run that has no figures."""


def words_of(path):
    with open(path, encoding="ascii") as f:
        return f.read().split()


def cpu_of(pid):
    """Of all threads: nanoseconds on a processor and in line for one, ticks of user and of system,
    voluntary switches."""
    ran = stood = waits = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        spans = words_of(f"/proc/{pid}/task/{thread}/schedstat")
        ran, stood = ran + int(spans[0]), stood + int(spans[1])
        with open(f"/proc/{pid}/task/{thread}/status", encoding="ascii") as f:
            waits += next(int(line.split()[1]) for line in f if line.startswith("voluntary_ctxt"))
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        words = f.read().rpartition(")")[2].split()
    return ran, stood, int(words[11]), int(words[12]), waits


def busy_machine():
    """Nanoseconds that all processors were busy, whoever with."""
    user, nice, system, _, _, irq, softirq, steal = map(int, words_of("/proc/stat")[1:9])
    return (user + nice + system + irq + softirq + steal) * 10**9 // os.sysconf("SC_CLK_TCK")


def work(name):
    return os.path.join(os.environ["WORK"], name)


def told(log):
    """What a program of ours says of its whole life when it ends: {} if it says nothing."""
    with open(work(log + ".log"), encoding="utf-8", errors="replace") as f:
        lines = [line for line in f if "event=stopped " in line]
    return {key: int(value) for line in lines[-1:]
            for key, value in re.findall(r"(\w+)=(\d+)\b", line)}


class Pair:
    """Commands of one or two programs, each to be started with {placeholders} filled in."""

    def __init__(self, name, commands, load, kind="stream", own=True):
        self.name, self.commands, self.kind, self.own = name, commands, kind, own
        self.values = {"load": load, "send": os.environ["SRTLA_SEND"],
                       "rec": os.environ["SRTLA_REC"], "links": work("ips"), **PORTS}
        self.processes = {}
        for command in commands.values():
            self.filled(command)

    def filled(self, command):
        try:
            return [word.format_map(self.values) for word in shlex.split(command)]
        except (KeyError, IndexError, ValueError) as error:
            raise Trouble(f"{self.name}: what is {error} in \"{command}\"?") from error

    def start(self):
        shutil.rmtree(os.environ["STATE_DIRECTORY"], ignore_errors=True)
        with open(work("ips"), "w", encoding="ascii") as f:
            f.write("\n".join(LINKS) + "\n")
        for name, command in self.commands.items():
            with open(work(name + ".log"), "w", encoding="utf-8") as log:
                self.processes[name] = subprocess.Popen(self.filled(command), stdout=log,
                                                        stderr=log)

    def costs(self):
        try:
            return {name: cpu_of(process.pid) for name, process in self.processes.items()}
        except (OSError, StopIteration) as error:
            raise Trouble("a program has ended") from error

    def end(self):
        """What each program did in all: switches, and datagrams where it tells; strict if ours."""
        last = self.costs()
        for process in self.processes.values():
            process.terminate()
        codes = [process.wait(10) for process in self.processes.values()]
        self.processes = {}
        if self.own and self.kind == "stream" and any(codes) or any(c not in ENDS for c in codes):
            raise Trouble(f"exit statuses {codes}")
        life = {}
        for name, figures in last.items():
            says = told(name)
            count = says.get("read") or says.get("packets_in", 0) + says.get("from_server", 0)
            exact = "read" in says or "from_server" in says
            life[name] = {"waits": figures[4], "datagrams": count if exact else None, "says": says}
        return life

    def kill(self):
        for process in self.processes.values():
            process.kill()
            process.wait()
        self.processes = {}


def our_pair(name, load):
    """srtla_rec first, so that it is there when srtla_send asks."""
    return Pair(name, {RECEIVER: OWN_REC % WAYS[name], SENDER: OWN_SEND % WAYS[name]}, load)


def given_pair(text, load):
    """NAME=SENDER|RECEIVER"""
    name, equals, commands = text.partition("=")
    sender, bar, receiver = commands.partition("|")
    if not (name and equals and bar):
        raise Trouble(f"\"{text}\" is not NAME=SENDER|RECEIVER")
    return Pair(name, {RECEIVER: receiver, SENDER: sender}, load, own=False)


def relays(load):
    """The floor: what forwarding costs that knows nothing, one by one and all at once."""
    return [Pair("relay", {RELAY: "{load} relay {encoder} {server} 0"}, load, "bare"),
            Pair("relay-gso", {RELAY: "{load} relay-gso {encoder} {server}"}, load, "bare")]


class Helper:
    """bench_load as encoder and server, or as tap: answers a line with its counts."""

    def __init__(self, *command):
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            self.end()
            raise Trouble(f"{' '.join(map(str, command[1:]))}: no packet arrives")

    def ask(self, line="count"):
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        answer = self.process.stdout.readline()
        if not answer:
            raise Trouble(f"{' '.join(self.process.args[1:])} has ended")
        return {key: int(value) for key, value in (word.split("=") for word in answer.split())}

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def stream(load, pair, pattern, rate):
    return Helper(load, pair.kind, PORTS["encoder"], PORTS["server"], pattern, rate)


def tap(load):
    return Helper(load, "tap", *PORTS.values())
