# SPDX-License-Identifier: MIT
"""Programs of a run: starting and stopping them, and what they cost."""
import os
import signal
import subprocess
import time

from front.world import path


class Child:
    """A program in a namespace, in a session of its own, with a log."""

    def __init__(self, name, netns, words, log, **pipes):
        self.name, self.log = name, log
        into = [] if netns is None else ["nsenter", f"--net={path(netns)}"]
        with open(log, "ab") as out:
            self.process = subprocess.Popen(
                into + words, start_new_session=True, stderr=out, stdin=pipes.get("stdin", subprocess.DEVNULL),
                stdout=pipes.get("stdout", out))
        self.pid = self.process.pid

    def alive(self):
        return self.process.poll() is None

    def kick(self, number):
        """To all of its session's first group: a command may be a shell with something inside."""
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            pass

    def stop(self, number=signal.SIGTERM, patience=5):
        """The exit status; None when it had to be killed."""
        self.kick(number)
        return self.wait(patience)

    def wait(self, patience):
        try:
            return self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.kick(signal.SIGKILL)
            self.process.wait()
            return None

    def listens(self, port):
        """Whether somebody in its namespace has that UDP port."""
        want = f":{port:04X}"
        for table in ("udp", "udp6"):
            try:
                with open(f"/proc/{self.pid}/net/{table}", encoding="ascii") as rows:
                    if any(row.split()[1].endswith(want) for row in list(rows)[1:]):
                        return True
            except OSError:
                pass
        return False

    def last_words(self):
        with open(self.log, encoding="utf-8", errors="replace") as text:
            return ([line.strip() for line in text if line.strip()] or ["(no word)"])[-1]


def within(seconds, true):
    """Waits until it holds, or not so long."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() >= until:
            return False
        time.sleep(0.02)
    return True


class Usage:
    """What programs took, in CPU time and wake-ups."""

    def __init__(self):
        self.cpu_us = self.wakeups = 0
        self.before = {}  # of each session that is watched, when that began
        self.settled = 0

    def watch(self, child):
        """From now on."""
        self.before[child.pid] = taken(child.pid)

    def begin(self):
        """Only what comes from now on counts."""
        self.cpu_us = self.wakeups = 0
        self.before = {session: taken(session) for session in self.before}

    def settle(self, child):
        """Until now, since it ends."""
        if child.pid not in self.before:
            return
        before = self.before.pop(child.pid)
        self.settled += 1
        cpu, wakeups = taken(child.pid)
        self.cpu_us += max(0, cpu - before[0])
        self.wakeups += max(0, wakeups - before[1])

    def known(self):
        """Whoever ended by itself took its figures along."""
        return self.settled > 0 and not self.before


def taken(session):
    """Microseconds of CPU and voluntary switches of all threads of a session."""
    cpu = wakeups = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as text:
                fields = text.read().rpartition(")")[2].split()
            if int(fields[3]) != session:
                continue
            for task in os.listdir(f"/proc/{pid}/task"):
                thread = f"/proc/{pid}/task/{task}"
                cpu += thread_cpu(thread)
                with open(f"{thread}/status", encoding="utf-8") as text:
                    wakeups += next(int(line.split()[1]) for line in text
                                    if line.startswith("voluntary_ctxt_switches"))
        except (OSError, StopIteration):
            continue  # it has just ended
    return cpu, wakeups


def thread_cpu(thread):
    try:
        with open(f"{thread}/schedstat", encoding="ascii") as text:
            return int(text.read().split()[0]) // 1000
    except (OSError, ValueError, IndexError):
        with open(f"{thread}/stat", encoding="utf-8") as text:
            fields = text.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1000000 // os.sysconf("SC_CLK_TCK")
