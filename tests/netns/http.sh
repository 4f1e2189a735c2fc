#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# F50: a thousand slow clients at the HTTP server of each program.  The stream beside them notices nothing, a
# proper client is answered at once, and no more than so many connections are open, none of them for long.
# shellcheck source=tests/netns/lib.sh disable=SC2317 # check() calls functions
. "$(dirname "$0")/lib.sh"

CLIENTS=32 # HTTP_CLIENTS
CROWD=$(dirname "$(realpath "$0")")/http_crowd.py

# of FILE PATH: a figure of some JSON, as in latency_us.forward.data.p99
of() {
    python3 -c '
import json, sys
value = json.load(open(sys.argv[1]))
for step in sys.argv[2].split("."):
    value = value[step]
print(value)' "$WORK/$1" "$2"
}

at_most() { awk -v v="$1" -v l="$2" 'BEGIN { exit !(v <= l) }'; }
descriptors() { find "/proc/${PID[$1]}/fd" -type l | wc -l; }
resident() { awk '/^VmRSS/ { print $2 }' "/proc/${PID[$1]}/status"; }

# look NAME: the most descriptors that the program has, looked for ten times a second.
look() {
    local most=0 now

    while now=$(descriptors "$1"); do
        [ "$now" -le "$most" ] || most=$now
        echo "$most" >"$WORK/$1.most"
        sleep 0.1
    done
}

# fetch NAMESPACE PORT FILE: its stats.
fetch() {
    in_ns "$1" python3 -c 'import sys, urllib.request as u
print(u.urlopen("http://127.0.0.1:" + sys.argv[1] + "/stats", timeout=5).read().decode())' "$2" >"$WORK/$3"
}

roads 2
uplinks 10.9.1.2 10.9.2.2
stream
check "half a second of it arrives" within 5 flows 1 200
declare -A before room ns=([send]=car [rec]=road) port=([send]=9000 [rec]=5000)
for name in send rec; do
    check "$name serves" fetch "${ns[$name]}" "${port[$name]}" "$name.json"
    before[$name]=$(descriptors $name) room[$name]=$(resident $name)
    look $name &
    start "$name.crowd" "${ns[$name]}" "$CROWD" crowd "${port[$name]}" 1000 3
    start "$name.ask" "${ns[$name]}" "$CROWD" ask "${port[$name]}" 3
done
for name in send rec; do
    wait "${PID[$name.crowd]}" || fail "the crowd of $name"
    wait "${PID[$name.ask]}" || fail "the proper client of $name"
    say "$name: $(cat "$WORK/$name.crowd.log") $(cat "$WORK/$name.ask.log")," \
        "$(cat "$WORK/$name.most") descriptors after ${before[$name]}, $(resident $name) KiB after ${room[$name]}"
    check "$name: the crowd has come, again and again" [ "$(of "$name.crowd.log" made)" -gt 1500 ]
    check "$name: a proper client is always answered" \
        [ "$(of "$name.ask.log" well)" = "$(of "$name.ask.log" asked)" ]
    check "$name: within a second" at_most "$(of "$name.ask.log" slowest_ms)" 1000
    check "$name: so many connections, no more" at_most "$(cat "$WORK/$name.most")" $((before[$name] + CLIENTS + 1))
    check "$name: and no memory for the others" at_most "$(resident $name)" $((room[$name] + 3 * 1024))
done
goes_on "the stream goes on"

# As many as there are places: now it is time that ends them.
for name in send rec; do
    start "$name.few" "${ns[$name]}" "$CROWD" crowd "${port[$name]}" 20 5.6
done
for name in send rec; do
    wait "${PID[$name.few]}" || fail "the few clients of $name"
    check "$name: who trickles is cut off, each of them $(cat "$WORK/$name.few.log")" \
        [ "$(of "$name.few.log" cut)" -ge 20 ]
    check "$name: after five seconds" at_most 4.5 "$(of "$name.few.log" shortest_s)"
    check "$name: and no later" at_most "$(of "$name.few.log" longest_s)" 5.5
    fetch "${ns[$name]}" "${port[$name]}" "$name.json" || fail "$name serves no more"
    check "$name: packets wait no longer for it, p99 $(of "$name.json" latency_us.forward.data.p99) us" \
        at_most "$(of "$name.json" latency_us.forward.data.p99)" 20000
done
goes_on "the stream goes on, whole"
finish
