#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317 # functions that check() calls
# Both programs with --sandbox do all that they do without: names, hotplug, reloads, a stats file,
# whoever looks in, state that outlives them, descriptors that a service manager keeps.
. "$(dirname "$0")/lib.sh"

# of the process itself, under a service manager that of its child
pid_of() {
    local child

    child=$(cat "/proc/${PID[$1]}/task/${PID[$1]}/children")
    echo "${child:-${PID[$1]}}" | tr -d ' '
}

status_of() { grep -q "^$2:	$3\$" "/proc/$(pid_of "$1")/status"; }
shut_in() { status_of "$1" Seccomp 2 && status_of "$1" NoNewPrivs 1 && logged "$1" 'event=sandbox calls=on files=on'; }

# page NAMESPACE PORT PATH
page() {
    in_ns "$1" python3 -c 'import sys, urllib.request as r
sys.stdout.write(r.urlopen("http://127.0.0.1:%s%s" % (sys.argv[1], sys.argv[2]), timeout=3).read().decode())' "$2" "$3"
}
serves() { page "$1" "$2" "$3" | grep "$4" >/dev/null; } # all of it, lest the writer complain

# asks SOCKET METHOD PATTERN: over the control socket.
asks() {
    python3 -c 'import json, socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(3)
s.connect(sys.argv[1])
s.sendall(json.dumps({"jsonrpc": "2.0", "id": 1, "method": sys.argv[2]}).encode() + b"\n")
print(s.makefile().readline())' "$1" "$2" | grep "$3" >/dev/null
}

if "$SRTLA_SEND" --version | grep -q "no sandbox"; then
    echo "skipped: built without libseccomp" >&2
    exit 77
fi

roads 3
ip -n car link set m3 down
ip -n car addr flush dev m3
uplinks 10.9.1.2%m1 10.9.2.2%m2 10.9.3.2%m3
echo fail >"$WORK/dns"
mkdir -p "$WORK/groups"
printf '%s\n' 'stats-file-interval = 100ms' 'sandbox = yes' 'dns = 127.0.0.1' >"$WORK/send.conf"
start dns car "$HERE/stub_dns.py" "$WORK/dns"
start_server
start rec road python3 "$HERE/manager.py" "$WORK/notify" "$SRTLA_REC" --sandbox --bind 10.9.0.1 \
    --group-files "$WORK/groups" 5000 127.0.0.1 4001
check "the receiver is ready" within 5 logged rec "manager: ready"
check "and shut in" within 3 shut_in rec

sender() {
    start send car "$SRTLA_SEND" --config "$WORK/send.conf" --stats-file "$WORK/stats" \
        9000 rec.example.org 5000 "$WORK/ips"
}
sender
check "the sender is shut in" within 3 shut_in send
check "a name that nobody knows is asked for again" within 3 logged send event=host_unknown
echo 10.9.0.1 >"$WORK/dns"
check "it is found from inside, and links come up" within 8 links_up 2
start_encoder 1
check "media flows" within 8 flows 1

address_car 3
check "a link that comes later gets its socket" within 5 links_up 3
printf '%s\n' 10.9.3.2%m3 10.9.1.2%m1 >"$WORK/new" && mv "$WORK/new" "$WORK/ips"
signal send HUP
check "a list that was replaced is read" within 3 link_is m2 absent
echo 'mode = redundant' >>"$WORK/send.conf"
signal send HUP
check "so is the config file" within 3 logged send "event=mode mode=redundant"
check "the stats file is written" within 2 grep -q '"mode": *"redundant"' "$WORK/stats"
if [ -S /run/srtla_send/9000.sock ]; then
    check "the sender's control socket answers" asks /run/srtla_send/9000.sock stats '"connections"'
    check "the receiver's, too" asks /run/srtla_rec/5000.sock stats '"groups"'
fi
if logged send event=http; then
    check "the sender's pages are served" serves car 9000 /stats '"connections"'
    check "metrics, too" serves car 9000 /metrics '^srtla_'
    check "the receiver's pages are served" serves road 5000 /stats '"groups"'
fi
check "a group has its file" within 3 test -n "$(ls "$WORK/groups")"
goes_on "the stream goes on"

kill -USR1 "${PID[rec]}"
check "its manager restarts the receiver" within 5 logged rec "it ended with 0"
goes_on "and nothing is lost"
check "it is shut in again" within 3 shut_in rec
check "the sender ends with status 0" stop send
[ ! -e "$WORK/stats" ] || fail "its stats file is left behind"
[ ! -e /run/srtla_send/9000.sock ] || fail "its control socket is left behind"
sender
check "its state was saved: it goes on in its group" within 5 logged send "event=host_remembered"
goes_on "and the stream goes on"
finish
