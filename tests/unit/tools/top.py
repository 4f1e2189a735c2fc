#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""srtla_top on a terminal of our own, beside programs of our own: top.py SRTLA_TOP"""
import fcntl
import json
import os
import pty
import re
import select
import signal
import socketserver
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

LINK = {"conn_id": "0", "name": "usb0/192.168.8.100", "state": "up", "reason": None, "role": "normal",
        "bitrate_bps": 2500000, "share_permille": 625, "rtt_ms": 41, "loss_permille": 3, "in_flight": 12,
        "capacity_bps": 6000000}
DOWN = {**LINK, "conn_id": "1", "name": "usb1/192.168.8.100", "state": "down", "reason": "no carrier \x1b[31m",
        "bitrate_bps": 0, "loss_permille": None}
SEND = {"schema_version": 1, "program": "srtla_send", "version": "1.2", "listen_port": 9000, "host": "rec.example",
        "host_port": 5000, "uptime_s": 3700, "mode": "balance", "live_links": 1, "bitrate_bps": 2500000,
        "capacity_bps": 6000000, "latency_ms": 500, "connections": [LINK, DOWN]}
PAST = {"links": [{"name": LINK["name"], "rate_bps": [None, 1000000, 2500000]}], "totals": {"rate_bps": [0, 1000000]}}
MEMBER = {"address": "203.0.113.5:40000", "bitrate_bps": 900000, "share_permille": 1000, "rtt_ms": None, "idle_ms": 20}
GROUP = {"group": "1bdcb3da", "state": "live", "session_s": 61, "bitrate_bps": 900000, "rtt_ms": 50, "held": 4,
         "missing": 2, "members": [MEMBER]}
REC = {"schema_version": 1, "program": "srtla_rec", "version": "1.2", "listen_port": 5000, "uptime_s": 9,
       "totals": {"groups": 1, "members": 1, "bitrate_bps": 900000}, "groups": [GROUP]}


class Program(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path, stats, past):
        self.answers = {"stats": stats, "history": past}
        self.asked = 0
        super().__init__(path, Conversation)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.server.asked += 1
            result = self.server.answers[json.loads(line)["method"]]
            self.wfile.write(json.dumps({"jsonrpc": "2.0", "id": 1, "result": result}).encode() + b"\n")


class Terminal:
    def __init__(self, arguments, height=24, width=80):
        self.master, self.slave = pty.openpty()
        self.before = termios.tcgetattr(self.slave)
        self.size(height, width)
        self.out = ""
        self.child = subprocess.Popen([TOP, *arguments], stdin=self.slave, stdout=self.slave, stderr=self.slave,
                                      start_new_session=True,
                                      env={**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"})

    def size(self, height, width):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def read(self, seconds):
        until = time.monotonic() + seconds
        while time.monotonic() < until and select.select([self.master], [], [], 0.05)[0]:
            self.out += os.read(self.master, 65536).decode("utf-8", "replace")

    def shows(self, *what, within=3):
        """All of it has been written to the screen, since the last look."""
        until = time.monotonic() + within
        while True:
            self.read(0.2)
            text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[()][0-9A-B]|\x1b[=>]", " ", self.out)
            if all(word in text for word in what):
                self.out = ""
                return
            assert time.monotonic() < until, f"{what} not in {text!r}"

    def press(self, keys):
        os.write(self.master, keys.encode())

    def ends(self, code):
        until = time.monotonic() + 3
        while self.child.poll() is None and time.monotonic() < until:
            self.read(0.1)
        self.read(0.2)
        assert self.child.poll() == code, self.child.poll()
        assert "\x1b[?1049l" in self.out, "the screen was not given back"
        after = termios.tcgetattr(self.slave)
        assert after == self.before, "the terminal was left in another mode"
        os.close(self.master)
        os.close(self.slave)


def once(*arguments, **environment):
    return subprocess.run([TOP, "--once", *arguments], capture_output=True, text=True, timeout=10, check=False,
                          env={**os.environ, **environment})


def a_plain_table_is_printed_once(send, rec):
    text = once("-s", send).stdout
    assert "9000 to rec.example:5000  up 1h01m" in text, text
    assert "balance  1 of 2 links live  2.5M of 6.0Mbit/s  latency 500 ms" in text, text
    assert re.search(r"^usb0/192\.168\.8\.100 +up +normal +2\.5M +62\.5% +41 +0\.3% +12 +6\.0M", text, re.M), text
    assert re.search(r"^usb1.* down .*no carrier \?\[31m", text, re.M), text  # which does not colour a terminal
    text = once("-s", rec).stdout
    assert re.search(r"^1bdcb3da +live +1m01s +900k +50 +4 +2 +1", text, re.M), text


def it_fits_narrow_terminals(send, _rec):
    for width in (20, 40, 80, 132):
        for line in once("-s", send, COLUMNS=str(width)).stdout.splitlines():
            assert len(line) <= width, line
    assert "ROLE" not in once("-s", send, COLUMNS="50").stdout


def who_does_not_answer_is_named(_send, _rec):
    answer = once("-s", "/not/there.sock")
    assert answer.returncode == 1 and "/not/there.sock" in answer.stdout, answer
    answer = once("-u", "http://127.0.0.1:1")
    assert answer.returncode == 1 and "refused" in answer.stdout, answer


def the_screen_is_kept_up_and_given_back(send, _rec):
    t = Terminal(["-s", send, "-d", "0.2"])
    t.shows("srtla_send 1.2", "usb0/192.168.8.100", "2.5M", "no carrier", "q quit")
    SERVER.answers["stats"] = {**SEND, "connections": [{**LINK, "state": "shy"}, DOWN]}
    t.shows("shy")
    t.press("p")
    t.shows("PAUSED")
    asked = SERVER.asked
    time.sleep(0.5)
    assert SERVER.asked == asked, "it asks while it is paused"
    t.press("p\x1b[B\x1bOB")
    t.size(6, 30)
    t.child.send_signal(signal.SIGWINCH)
    t.read(0.5)
    assert t.child.poll() is None
    t.out = ""
    t.press("q")
    t.ends(0)
    SERVER.answers["stats"] = SEND


def members_of_the_selected_group_are_shown(_send, rec):
    t = Terminal(["-s", rec, "-d", "0.2"])
    t.shows("1bdcb3da", "live", "203.0.113.5:40000")
    t.press("q")
    t.ends(0)


def a_signal_gives_the_screen_back_too(send, _rec):
    t = Terminal(["-s", send], 8, 30)
    t.shows("usb0")
    t.child.send_signal(signal.SIGTERM)
    t.ends(128 + signal.SIGTERM)
    t = Terminal(["-s", send])
    t.shows("usb0")
    t.child.send_signal(signal.SIGINT)
    t.ends(0)


def a_program_that_ends_is_waited_for(send, _rec):
    t = Terminal(["-s", send + ".gone", "-d", "0.2"])
    t.shows("No such file")
    server = Program(send + ".gone", SEND, PAST)
    t.shows("usb0")
    server.shutdown()
    server.server_close()
    t.press("q")
    t.ends(0)


TOP = sys.argv[1]
with tempfile.TemporaryDirectory() as where:
    paths = (where + "/9000.sock", where + "/5000.sock")
    SERVER = Program(paths[0], SEND, PAST)
    Program(paths[1], REC, {})
    for test in (a_plain_table_is_printed_once, it_fits_narrow_terminals, who_does_not_answer_is_named,
                 the_screen_is_kept_up_and_given_back, members_of_the_selected_group_are_shown,
                 a_signal_gives_the_screen_back_too, a_program_that_ends_is_waited_for):
        test(*paths)
        print("ok:", test.__name__.replace("_", " "))
