# SPDX-License-Identifier: MIT
"""A small world of namespaces that vanishes with the program, however that ends.

    namespace car1                                               namespace road
    encoder -> srtla_send   m1 10.9.1.2  ---- emulator ---- net0   srtla_rec -> SRT server
    127.0.0.1:9000          mN 10.9.N.2                   10.8.0.1:5000   127.0.0.1:4001

A second vehicle lives in car2, with 10.10.N.2, and so on.
"""
import os
import shutil
import signal
import subprocess
import sys

ENTERED = "LINKLAB_WORLD"  # in the environment of the program inside
WORK = "/run/linklab"      # in memory, and private
NO_WORLD = 77              # what tests take for "skipped here"
TUN = "/dev/net/tun"
HOST, PORT, SERVER_PORT, APP_PORT = "10.8.0.1", 5000, 4001, 9000


class Trouble(Exception):
    """Something that the user must be told; `code` is the exit status."""

    def __init__(self, text, code=70):
        super().__init__(text)
        self.code = code


def enter():
    """Runs this program again as the first process of a world of its own; returns inside."""
    os.environ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin:" + os.environ.get("PATH", "")
    if os.environ.pop(ENTERED, None):
        furnish()
        return
    if any(os.path.realpath(word).startswith("/run/") for word in sys.argv[1:] + ["."]):
        raise Trouble("what lies below /run cannot be seen in there; take another directory", 64)
    world = ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "--mount", "--pid", "--fork",
             "--kill-child", "--mount-proc"]
    if os.geteuid() != 0:
        world.append("--map-root-user")
    check(world)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, leave)
    with subprocess.Popen(world + [sys.executable, "-B"] + sys.argv,
                          env=dict(os.environ, **{ENTERED: "1"}), start_new_session=True) as inside:
        try:
            code = inside.wait()
        except SystemExit:
            inside.kill()  # all others inside die with it
            raise
    sys.exit(code if code >= 0 else 128 - code)


def leave(number, _):
    sys.exit(128 + number)


def check(world):
    """Says why there can be no world, if that is so."""
    for tool in ("setpriv", "unshare", "nsenter", "ip"):
        if not shutil.which(tool):
            raise Trouble(f"{tool} is missing (packages util-linux and iproute2)", 69)
    if subprocess.run(world + ["ip", "netns", "list"], stdout=subprocess.DEVNULL,
                      stderr=subprocess.DEVNULL, check=False).returncode:
        raise Trouble("network namespaces need root, or user namespaces for everyone", NO_WORLD)
    if not os.access(TUN, os.R_OK | os.W_OK):
        raise Trouble(f"{TUN} cannot be opened: it needs mode 0666, or root", NO_WORLD)


def furnish():
    command("mount", "-t", "tmpfs", "none", "/run")
    os.mkdir(WORK)
    os.environ["STATE_DIRECTORY"] = WORK + "/state"  # of this run alone
    command("ip", "link", "set", "lo", "up")


def command(*words, netns=None, ok=False):
    """Runs it; a failure is trouble unless `ok`."""
    if netns:
        words = ("nsenter", f"--net={path(netns)}") + words
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode and not ok:
        raise Trouble(f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def path(netns):
    return f"/run/netns/{netns}"


def car(vehicle):
    return f"car{vehicle + 1}"


def address(vehicle, link, host=2):
    """Of a link, both counted from 0."""
    return f"10.{9 + vehicle}.{link + 1}.{host}"


class World:
    """The namespaces of one run."""

    def __init__(self, vehicles, links):
        self.vehicles, self.links = vehicles, links
        self.host = {(v, n): 2 for v in range(vehicles) for n in range(links)}
        for name in self.names():
            command("ip", "netns", "add", name)
            command("ip", "-n", name, "link", "set", "lo", "up")
            # Answers may come where the main table would not send; and no chatter of IPv6.
            command("sh", "-c", "echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter;"
                    "echo 0 >/proc/sys/net/ipv4/conf/default/rp_filter;"
                    "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6 || true", netns=name)
        command("ip", "-n", "road", "addr", "add", f"{HOST}/32", "dev", "lo")

    def names(self):
        return ["road"] + [car(v) for v in range(self.vehicles)]

    def connect(self):
        """Once the devices are there: addresses, and routes for whoever binds to one or to a device."""
        command("ip", "-n", "road", "link", "set", "net0", "up")
        command("ip", "-n", "road", "route", "add", "10.0.0.0/8", "dev", "net0")
        for v, n in self.host:
            device = f"m{n + 1}"
            command("ip", "-n", car(v), "link", "set", device, "up")
            self.give(v, n)
            command("ip", "-n", car(v), "route", "add", "default", "dev", device, "metric", str(n + 1))
            command("ip", "-n", car(v), "route", "add", "default", "dev", device, "table", str(100 + n))

    def give(self, v, n):
        own = address(v, n, self.host[v, n])
        command("ip", "-n", car(v), "addr", "add", f"{own}/32", "dev", f"m{n + 1}")
        command("ip", "-n", car(v), "rule", "add", "from", own, "table", str(100 + n))

    def readdress(self, v, n):
        """The link has another address from now on."""
        old = address(v, n, self.host[v, n])
        self.host[v, n] += 1
        self.give(v, n)
        command("ip", "-n", car(v), "addr", "del", f"{old}/32", "dev", f"m{n + 1}")
        command("ip", "-n", car(v), "rule", "del", "from", old, "table", str(100 + n))

    def uplinks(self, v):
        return [address(v, n, self.host[v, n]) for n in range(self.links)]

    def destroy(self):
        for name in self.names():
            command("ip", "netns", "del", name, ok=True)
