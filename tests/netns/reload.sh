#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# F39, F46, F9: the uplinks file changes under a stream, for better and worse; signals rain.
. "$(dirname "$0")/lib.sh"

# refuse NAME: with the file as it is now, a reload changes nothing.
refuse() {
    local told

    told=$(count_logged send "event=uplinks_refused")
    # shellcheck disable=SC2317 # called by within
    told_again() { [ "$(count_logged send "event=uplinks_refused")" -gt "$told" ]; }
    signal send HUP
    check "F39: $1: refused" within 3 told_again
    links_up 2 || fail "F39: $1: a link was lost"
    goes_on "F39: $1: the stream goes on"
}

roads 3
uplinks 10.9.1.2%m1 10.9.2.2%m2
stream 2

mv "$WORK/ips" "$WORK/away"
refuse "no file"
: >"$WORK/ips"
refuse "an empty file"
head -c 3000 /dev/urandom >"$WORK/ips"
refuse "garbage"
printf '# all off\n\n' >"$WORK/ips"
refuse "comments alone"

say "F39: written in two halves"
printf '10.9.1.2%%m1\n' >"$WORK/ips"
signal send HUP
sleep 0.3
uplinks 10.9.1.2%m1 10.9.2.2%m2 10.9.3.2%m3
check "the whole file counts in the end" within 4 links_up 3

uplinks 10.9.3.2%m3 10.9.1.2%m1 10.9.1.2%m1 nonsense 224.0.0.1
signal send HUP
check "a line that is gone takes its link away" within 3 link_is m2 absent
check "bad lines are reported by number" logged send "event=uplinks_line.*line=4"
goes_on "the stream goes on"
uplinks 10.9.1.2%m1 10.9.2.2%m2 10.9.3.2%m3
signal send HUP
check "a new line brings a link" within 4 links_up 3

say "F46: 10 000 reloads"
python3 -c 'import os, signal, sys, time
for i in range(10000):
    os.kill(int(sys.argv[1]), signal.SIGHUP)
    time.sleep(0.0002)' "${PID[send]}"
links_up 3 || fail "F46: a link was lost"
goes_on "F46: the stream goes on"
[ "$(count_logged send "event=uplinks ")" -lt 200 ] || fail "F46: each was carried out"
[ "$(count_logged send "event=link_down link=m1/")" = 0 ] || fail "the link that stayed listed was disturbed"

began=$(now_ms)
check "F9: SIGTERM ends the sender with status 0" stop send
took=$(($(now_ms) - began))
say "after $took ms"
[ $took -le 200 ] || fail "F9: it took $took ms"
[ ! -e "$WORK/stats" ] || fail "the stats file is left behind"
unset "PID[send]"
finish
