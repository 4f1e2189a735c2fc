#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""srtla_send as a process: how it starts, reloads, reports and ends.  Loopback only."""
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

PROGRAM = sys.argv.pop(1)
BUILT_WITH = subprocess.run([PROGRAM, "-v"], capture_output=True, text=True, check=True).stdout
REG1, REG2, REG3, NGP, KEEPALIVE = 0x9200, 0x9201, 0x9202, 0x9211, 0x9000


class Receiver(threading.Thread):
    """Registers links, echoes keepalives, sends handshakes back, counts the rest."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.groups, self.registered, self.data = set(), {}, {}
        self.stopped = False
        self.start()

    def run(self):
        while not self.stopped:
            if select.select([self.socket], [], [], 0.05)[0]:
                self.answer(*self.socket.recvfrom(4096))

    def answer(self, packet, source):
        kind = struct.unpack(">H", packet[:2])[0]
        if kind == REG1:
            group = packet[2:130] + os.urandom(128)
            self.groups.add(group)
            self.socket.sendto(struct.pack(">H", REG2) + group, source)
        elif kind == REG2 and packet[2:] in self.groups:
            self.registered.setdefault(source[0], []).append(source[1])
            self.socket.sendto(struct.pack(">H", REG3), source)
        elif kind == REG2:
            self.socket.sendto(struct.pack(">H", NGP), source)
        elif kind in (KEEPALIVE, 0x8000):
            self.socket.sendto(packet, source)
        else:
            self.data[source[0]] = self.data.get(source[0], 0) + 1

    def close(self):
        self.stopped = True
        self.join()
        self.socket.close()


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(true, limit=5.0):
    end = time.monotonic() + limit
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


HANDSHAKE = struct.pack(">HHIII", 0x8000, 0, 0, 0, 0) + struct.pack(
    ">IHHIIIIII16s", 4, 0, 2, 1000, 1500, 8192, 1, 0x1234, 0, b"")


class Program(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.uplinks = os.path.join(self.directory.name, "uplinks")
        self.write("127.0.0.2\n127.0.0.3\n")
        self.log_path = os.path.join(self.directory.name, "log")
        self.port = free_port()
        self.receiver = Receiver()
        self.encoder = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.process = None

    def tearDown(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.receiver.close()
        self.encoder.close()
        self.directory.cleanup()

    def write(self, text):
        with open(self.uplinks, "w", encoding="utf-8") as f:
            f.write(text)

    def arguments(self, *options):
        return [PROGRAM, *options, str(self.port), "127.0.0.1", str(self.receiver.port),
                self.uplinks]

    def start(self, *options, **how):
        if "stderr" not in how:
            how["stderr"] = open(self.log_path, "wb")
        self.process = subprocess.Popen(self.arguments(*options), **how)
        if how["stderr"] is not None and hasattr(how["stderr"], "close"):
            how["stderr"].close()

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def says(self, text, limit=5.0):
        self.assertTrue(wait_until(lambda: text in self.log(), limit), f"{text}\n{self.log()}")

    def is_up(self, count=2):
        self.assertTrue(wait_until(lambda: len(self.receiver.registered) >= count))

    def stops(self, signo=signal.SIGTERM, within=0.2):
        began = time.monotonic()
        self.process.send_signal(signo)
        status = self.process.wait(5)
        took = time.monotonic() - began
        self.assertEqual(status, 0)
        if not os.environ.get("ASAN_OPTIONS"):
            self.assertLess(took, within)

    def ends(self, arguments, status, *words):
        """One line on standard error, this status, within a second."""
        began = time.monotonic()
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=5, check=False)
        self.assertLess(time.monotonic() - began, 1.0)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_a_lone_v_prints_one_line_on_standard_output(self):
        done = subprocess.run([PROGRAM, "-v"], capture_output=True, text=True, check=True)
        self.assertEqual(done.stderr, "")
        self.assertRegex(done.stdout, r"\Asrtla_send \d+\.\d+\.\d+ .*\n\Z")

    def test_the_process_has_the_name_that_control_panels_signal(self):
        self.start()
        self.is_up()
        with open(f"/proc/{self.process.pid}/comm", encoding="ascii") as f:
            self.assertEqual(f.read(), "srtla_send\n")

    def test_mistakes_on_the_command_line_end_with_64(self):
        self.ends([PROGRAM], 64, "SRT_LISTEN_PORT")
        self.ends([PROGRAM, "90000", "h", "5000", self.uplinks], 64, "SRT_LISTEN_PORT", "90000")
        self.ends([PROGRAM, "--lissten", "::1", "9000", "h", "5000", "f"], 64, "--lissten")

    def test_F38_a_missing_file_ends_with_66_and_an_unreadable_one_with_77(self):
        os.unlink(self.uplinks)
        self.ends(self.arguments(), 66, self.uplinks, "No such file")
        if os.getuid() != 0:
            self.write("127.0.0.2\n")
            os.chmod(self.uplinks, 0)
            self.ends(self.arguments(), 77, self.uplinks, "Permission denied")

    def test_F39_a_file_without_an_uplink_ends_with_65(self):
        self.write("# later\n")
        self.ends(self.arguments(), 65, self.uplinks)

    def test_a_port_in_use_ends_with_69_and_is_named(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", self.port))
            self.ends(self.arguments(), 69, f"127.0.0.1:{self.port}", "in use")

    def test_a_dry_run_checks_and_sends_nothing_to_the_receiver(self):
        done = subprocess.run(self.arguments("-n"), capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("link 127.0.0.3: good", done.stdout)
        self.assertEqual(self.receiver.registered, {})
        self.write("203.0.113.77\n")
        done = subprocess.run(self.arguments("-n"), capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 69)
        self.assertIn("203.0.113.77: Cannot assign", done.stdout)

    def test_F09_sigterm_and_sigint_end_it_with_0_in_200_ms(self):
        for signo in (signal.SIGTERM, signal.SIGINT):
            self.start()
            self.is_up()
            self.stops(signo)
            self.assertIn("event=stopped", self.log())
            self.receiver.registered.clear()

    def test_an_encoder_gets_its_answer_from_the_port_that_it_spoke_to(self):
        self.start()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(3)
            self.assertTrue(wait_until(lambda: self.can_send(s)))
            answer, source = s.recvfrom(2048)
        self.assertEqual(answer, HANDSHAKE)
        self.assertEqual(source, ("127.0.0.1", self.port))

    def can_send(self, s):
        if "event=uplinks " not in self.log():
            return False
        s.sendto(HANDSHAKE, ("127.0.0.1", self.port))
        return True

    def test_a_reload_adds_and_removes_and_leaves_the_others_alone(self):
        self.start()
        self.is_up()
        kept = list(self.receiver.registered["127.0.0.3"])
        self.write("127.0.0.3\r\n127.0.0.4%lo\r\n")
        self.process.send_signal(signal.SIGHUP)
        self.says("event=link_up link=lo/127.0.0.4")
        self.says("event=link_removed link=127.0.0.2")
        self.assertEqual(self.receiver.registered["127.0.0.3"], kept)

    def test_F39_a_reload_that_yields_nothing_is_refused_and_a_late_writer_is_seen(self):
        self.start()
        self.is_up()
        for spoil in (lambda: self.write(""), lambda: self.write("rubbish\n\0\n"),
                      lambda: os.unlink(self.uplinks)):
            spoil()
            before = self.log().count("event=uplinks_refused")
            self.process.send_signal(signal.SIGHUP)
            self.assertTrue(wait_until(
                lambda b=before: self.log().count("event=uplinks_refused") == b + 1))
        self.assertIsNone(self.process.poll())
        self.assertNotIn("event=link_removed", self.log())
        self.write("127.0.0.2\n127.0.0.3\n127.0.0.4\n")
        self.says("event=link_added link=127.0.0.4", 2.0)

    def test_a_reload_that_changes_terms_alone_keeps_the_links(self):
        self.write("127.0.0.2 role=backup cap=4M\n127.0.0.3\n")
        self.start()
        self.is_up()
        self.says("event=link_terms link=127.0.0.2 role=backup weight=10 cap=4000000")
        before = {address: list(ports) for address, ports in self.receiver.registered.items()}
        self.write("127.0.0.2\n127.0.0.3 weight=5\n")
        self.process.send_signal(signal.SIGHUP)
        self.says("event=link_terms link=127.0.0.2 role=normal weight=10\n")
        self.says("event=link_terms link=127.0.0.3 role=normal weight=5\n")
        self.assertEqual(self.receiver.registered, before)
        self.assertNotIn("event=link_removed", self.log())
        self.write("127.0.0.3 weight=7 role=main\n127.0.0.2\n127.0.0.3 weight=5\n")
        self.process.send_signal(signal.SIGHUP)
        self.says("line=1 why=\"no role")
        self.assertEqual(self.log().count("event=link_terms"), 3)

    def test_each_sigusr1_goes_one_mode_on(self):
        self.start()
        self.is_up()
        self.says("event=mode mode=balance")
        for mode in ("redundant", "auto", "quality", "classic", "balance"):
            self.process.send_signal(signal.SIGUSR1)
            self.assertTrue(wait_until(
                lambda m=mode: self.log().rstrip().endswith(f"event=mode mode={m}")), self.log())
        self.assertIsNone(self.process.poll())
        self.stops()
        self.start("--classic")
        self.says("event=mode mode=classic")
        self.stops()

    def test_hints_are_five_bytes_and_anything_else_is_counted(self):
        hints = free_port()
        self.start("--verbose", "--priority-bind", str(hints))
        self.is_up()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect(("127.0.0.1", hints))
            for packet in (b"\xc1\0\0\x01\xf4", b"\xc1\xff\xff\xff\xff", b"\xc1\0\0\x01",
                           b"\xc2\0\0\x01\xf4", b"\xc1\0\0\x01\xf4\0", b""):
                s.send(packet)
            self.says("event=hint_malformed from=127.0.0.1:%d bytes=0" % s.getsockname()[1])
        self.stops()
        self.assertIn(" hints=2 hints_malformed=4\n", self.log())

    def test_a_hint_port_in_use_ends_with_69_and_is_named(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
            self.ends(self.arguments("--priority-bind", str(port)), 69, f"127.0.0.1:{port}")
            self.ends(self.arguments("-n", "--priority-bind", str(port)), 69, f"127.0.0.1:{port}")

    def stream(self, packets):
        """From one and the same encoder, data packets of one size; the receiver counts them."""
        for i in range(packets):
            self.encoder.sendto(struct.pack(">IIII", i, 0xC0000001, 0, 0) + bytes(1316),
                                ("127.0.0.1", self.port))

    def has_links(self, count=2):
        self.assertTrue(wait_until(lambda: self.log().count("event=link_up ") >= count))

    def all_is_read(self):
        """Nothing waits in the socket on the encoder's side."""
        with open("/proc/net/udp", encoding="ascii") as f:
            sockets = [line.split() for line in f]
        return all(s[4].endswith(":00000000") for s in sockets if s[1].endswith(f":{self.port:04X}"))

    def total(self, name):
        line = [l for l in self.log().splitlines() if "event=stopped" in l][-1]
        return int(dict(word.split("=") for word in line.split()[1:] if "=" in word)[name])

    def test_each_way_of_input_and_output_carries_the_stream_and_is_told(self):
        for way in ("plain", "mmsg", "gso"):
            self.receiver.data.clear()
            self.receiver.registered.clear()
            self.start("--io", way, "--coalesce", "1ms", "--mode", "classic")
            self.has_links()
            if "event=io_missing" not in self.log():
                self.assertIn(f"event=io way={way} coalesce_us=1000\n", self.log())
            self.process.send_signal(signal.SIGSTOP)
            self.stream(60)  # all are there when it wakes up
            self.process.send_signal(signal.SIGCONT)
            self.assertTrue(wait_until(lambda: sum(self.receiver.data.values()) == 60),
                            self.receiver.data)
            self.stops()
            self.assertGreaterEqual(self.total("read"), 60)
            self.assertGreaterEqual(self.total("written"), 60)
            if way == "plain":
                self.assertEqual(self.total("writes"), self.total("written"))
            else:
                self.assertLess(self.total("writes"), self.total("written") - 50)
            self.assertGreater(self.total("wakes"), 0)

    def test_what_the_kernel_drops_while_we_stand_still_is_told_and_counted(self):
        self.start("--mode", "classic")
        self.has_links()
        self.process.send_signal(signal.SIGSTOP)
        self.stream(8000)
        self.assertFalse(self.all_is_read())
        self.process.send_signal(signal.SIGCONT)
        self.says("event=kernel_drops socket=encoder packets=")
        self.assertTrue(wait_until(self.all_is_read))
        self.stops()
        self.assertGreater(self.total("kernel_drops"), 1000)
        self.assertEqual(self.total("kernel_drops") + self.total("packets_in"), 8000)

    def test_F46_a_storm_of_sighup_disturbs_nothing(self):
        self.start()
        self.is_up()
        lines = self.log().count("\n")
        for _ in range(10000):
            self.process.send_signal(signal.SIGHUP)
        time.sleep(0.3)
        self.assertIsNone(self.process.poll())
        self.assertLessEqual(self.log().count("\n"), lines + 3)
        self.assertEqual([len(p) for p in self.receiver.registered.values()], [1, 1])
        self.stops()

    def test_an_absent_address_waits_and_keeps_nobody_else(self):
        self.write("203.0.113.77\n127.0.0.2\n127.0.0.3%nodev0\n")
        self.start()
        self.says("event=link_waiting link=203.0.113.77")
        self.says("event=link_waiting link=nodev0/127.0.0.3")
        self.says("event=link_up link=127.0.0.2")

    @unittest.skipUnless("c-ares" in BUILT_WITH, "built without names")
    def test_F18_an_unknown_host_is_tried_on(self):
        arguments = self.arguments("--dns", "127.0.0.1:1")
        arguments[-3] = "receiver.invalid"
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(arguments, stderr=log)
        self.says("event=host_unknown", 12.0)
        self.assertIsNone(self.process.poll())
        self.stops()

    def test_the_two_sentences_that_control_panels_search_for(self):
        self.start("--log-format", "json", "--link-timeout", "4s")
        self.is_up()
        self.receiver.close()
        self.says("\nno available connections\n", 8.0)
        self.assertIsNone(self.process.poll())
        self.stops()
        self.start("--log-format", "json", "--log-level", "error")
        self.says("Failed to establish any initial connections\n", 12.0)
        self.assertIsNone(self.process.poll())
        self.receiver = Receiver()

    @unittest.skipUnless("jansson" in BUILT_WITH, "built without the stats file")
    def test_the_stats_file_is_there_while_it_runs_and_gone_after(self):
        path = os.path.join(self.directory.name, "stats.json")
        self.start("--stats-file", path, "--stats-file-interval", "100")
        self.is_up()
        self.assertTrue(wait_until(lambda: os.path.exists(path)))

        def two_up():
            with open(path, encoding="utf-8") as f:
                shown = json.load(f)
            return ([c["state"] for c in shown["connections"]] == ["up", "up"]
                    and shown["io"]["wakes"] > 0 and shown["io"]["packets_written"] > 4)

        self.assertTrue(wait_until(two_up))
        self.stops()
        self.assertFalse(os.path.exists(path))

    @unittest.skipUnless("jansson" in BUILT_WITH, "built without the stats file")
    def test_F48_a_stats_file_that_cannot_be_written_is_told_once(self):
        self.start("--stats-file", "/proc/no/such/place", "--stats-file-interval", "100")
        self.is_up()
        time.sleep(0.4)
        self.assertEqual(self.log().count("event=stats_file"), 1)
        self.stops()

    @unittest.skipUnless("jansson" in BUILT_WITH, "built without the stats file")
    def test_F36_a_packet_of_more_than_2048_bytes_is_counted_and_none_is_sent_cut(self):
        path = os.path.join(self.directory.name, "stats.json")
        self.start("--stats-file", path, "--stats-file-interval", "100")
        self.is_up()
        data = struct.pack(">IIII", 1, 0xC0000001, 0, 0)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            for size in (1316, 2048 - 16, 2049 - 16, 3000, 60000):
                s.sendto(data + bytes(size), ("127.0.0.1", self.port))
        self.assertTrue(wait_until(lambda: sum(self.receiver.data.values()) == 2))

        def counted():
            with open(path, encoding="utf-8") as f:
                return json.load(f)["drops"]["oversize"] == 3

        self.assertTrue(wait_until(counted))
        self.assertEqual(sum(self.receiver.data.values()), 2)

    def test_F47_closed_descriptors_and_a_reader_that_is_gone_harm_nothing(self):
        def close_all():
            for fd in range(3):
                os.close(fd)

        self.start(preexec_fn=close_all, stderr=None)
        self.is_up()
        self.stops()
        self.receiver.registered.clear()
        reader, writer = os.pipe()
        os.close(reader)
        self.start("--verbose", stderr=writer)
        os.close(writer)
        self.is_up()
        self.stops()

    def test_F47_a_reader_that_stands_still_holds_nothing_up(self):
        reader, writer = os.pipe()
        while select.select([], [writer], [], 0)[1]:
            os.write(writer, bytes(4096))
        self.start("--verbose", stderr=writer)
        os.close(writer)
        self.is_up()
        self.stops()
        os.close(reader)

    def test_F64_an_odd_environment_changes_nothing(self):
        odd = dict(os.environ, LC_ALL="xx_YY.none", TZ=":nowhere", LANG="\xff", POSIXLY_CORRECT="1")
        self.start(env=odd, preexec_fn=lambda: os.umask(0))
        self.is_up()
        self.stops()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as state:
        os.environ["STATE_DIRECTORY"] = state  # what one leaves behind is for no other run
        unittest.main(verbosity=2)
