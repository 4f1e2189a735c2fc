#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317 # functions that check() calls
# F08: a sender that is killed, or ended and started again, goes on where it was: in its group, from
# its ports, for its encoder.  Neither the encoder nor the SRT server can tell.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/gap.sh"

state=$STATE_DIRECTORY
session=$state/session-9000
in_session() { [ "$(grep -c "$1" "$session")" = "$2" ]; }
joined() { [ "$(count_logged send event=group_joined)" = "$1" ]; }

roads 2
uplinks 10.9.1.2%m1 10.9.2.2%m2
watch_gaps
stream 2
check "the session is written down" within 3 in_session "^encoder .*caller=[1-9].*latency=$LATENCY" 1
check "and the ports of its links" within 3 in_session "^link [1-9]" 2
[ "$(stat -c %a "$state" "$session")" = $'700\n600' ] || fail "the state is open to others"
ports=$(grep ^link "$session")

for i in 1 2 3; do
    anew
    stop send KILL
    sleep 0.2
    start_send 10.9.0.1
    went_on "killed and started again after 200 ms ($i)" 1000
    [ "$(grep ^link "$session")" = "$ports" ] || fail "other ports"
done
anew
check "it ends with status 0" stop send
start_send 10.9.0.1
went_on "ended and started again at once" 1000
joined 1 || fail "another group was asked for"
[ "$(count_logged rec event=group_new)" = 1 ] || fail "another group was made"
[ "$(count_logged rec event=member_new)" = 2 ] || fail "a link came from another port"
goes_on "nothing is missing that the latency left time for"

# One port was taken meanwhile: that link has another, the stream goes on all the same.
port=$(awk '/^link .*%m2/ { print $2 }' "$session")
anew
stop send KILL
start thief car python3 -c "
import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'm2')
s.bind(('10.9.2.2', $port))
time.sleep(60)"
sleep 0.3
start_send 10.9.0.1
went_on "another program took a port meanwhile" 1000
check "both links are up" within 3 links_up 2
stop thief KILL

# What is no file of ours costs one line, and a sender that begins anew.
for text in "" "nonsense" "$(head -n 3 "$session")"; do
    stop send
    printf '%s' "$text" >"$session"
    before=$(count_logged send event=state_unread)
    start_send 10.9.0.1
    check "the links come up without a state" within 5 links_up 2
    [ "$(count_logged send event=state_unread)" = $((before + 1)) ] || fail "not said once"
done
stop send
sed -i 's/^host .*/host 5000 rec.example.org/' "$session"
start_send 10.9.0.1
check "a group of another receiver is left alone" within 3 logged send "event=state_unused .*another receiver"
check "the links come up" within 5 links_up 2
finish
