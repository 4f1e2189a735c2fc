#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A service manager for one program, as sd_notify(3) and sd_listen_fds(3) have it.

manager.py SOCKET COMMAND...

Keeps the descriptors that the program stores and hands them to the next process.  SIGUSR1
restarts it as `systemctl restart` does.  A program that dies is started again after 200 ms, and
one that has been silent for WATCHDOG seconds (of the environment) is killed.
"""
import os
import select
import signal
import socket
import sys
import time

RESTART_AFTER = 0.2
FIRST_FD = 3


def say(text):
    print(f"manager: {text}", flush=True)


class Manager:
    def __init__(self, path, command):
        self.path = path
        self.command = command
        self.store = {}  # name -> descriptor
        self.watchdog = float(os.environ.pop("WATCHDOG", "0"))
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        self.pid = 0
        self.alive = self.asked = 0
        self.wanted = self.ending = False

    def run(self):
        """In the child: nothing but its descriptors, in a row from 3 on."""
        high = [os.dup2(fd, 500 + i) for i, fd in enumerate(self.store.values())]
        for i, fd in enumerate(high):
            os.dup2(fd, FIRST_FD + i)
            os.set_inheritable(FIRST_FD + i, True)
        os.closerange(FIRST_FD + len(high), 1024)
        env = dict(os.environ, NOTIFY_SOCKET=self.path)
        if self.watchdog:
            env.update(WATCHDOG_USEC=str(int(self.watchdog * 1e6)), WATCHDOG_PID=str(os.getpid()))
        if high:
            env.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(high)),
                       LISTEN_FDNAMES=":".join(self.store))
        os.execvpe(self.command[0], self.command, env)

    def start(self):
        self.asked = self.alive = time.monotonic()
        say(f"starts it with {len(self.store)} descriptors: {' '.join(self.store)}")
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self.run()
            finally:
                os._exit(127)

    def heard(self):
        data, extra, _, _ = socket.recv_fds(self.socket, 4096, 8)
        words = dict(line.split("=", 1) for line in data.decode().splitlines())
        if "READY" in words:
            say(f"ready after {round((time.monotonic() - self.asked) * 1000)} ms")
        if "WATCHDOG" in words:
            self.alive = time.monotonic()
        if "FDSTORE" in words:
            self.put(words.get("FDNAME", "stored"), extra[0])
            if words.get("FDPOLL") != "0":
                say("would poll it")
        elif "FDSTOREREMOVE" in words and words["FDNAME"] in self.store:
            os.close(self.store.pop(words["FDNAME"]))
            say(f"drops {words['FDNAME']}")

    def put(self, name, fd):
        if name in self.store:
            os.close(self.store[name])
        else:
            say(f"keeps {name}")
        self.store[name] = fd

    def ended(self):
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid == 0:
            return
        say(f"it ended with {os.waitstatus_to_exitcode(status)}")
        if self.ending:
            sys.exit(max(0, os.waitstatus_to_exitcode(status)))
        while select.select([self.socket], [], [], 0)[0]:
            self.heard()  # what it said last
        if not self.wanted:
            time.sleep(RESTART_AFTER)
        self.wanted = False
        self.start()

    def restart(self, *_):
        self.wanted = True
        self.asked = time.monotonic()
        os.kill(self.pid, signal.SIGTERM)

    def end(self, *_):
        self.ending = True
        os.kill(self.pid, signal.SIGTERM)

    def live(self):
        wake, wakened = os.pipe()
        os.set_blocking(wakened, False)
        signal.set_wakeup_fd(wakened)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGUSR1, self.restart)
        signal.signal(signal.SIGTERM, self.end)
        self.start()
        while True:
            ready = select.select([self.socket, wake], [], [], 0.05)[0]
            if wake in ready:
                os.read(wake, 512)
            if self.socket in ready:
                self.heard()
            if self.watchdog and time.monotonic() - self.alive > self.watchdog:
                say("it is silent")
                self.alive = time.monotonic()
                os.kill(self.pid, signal.SIGKILL)
            self.ended()


if __name__ == "__main__":
    Manager(sys.argv[1], sys.argv[2:]).live()
