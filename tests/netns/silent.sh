#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# F12, F13: links that swallow everything and say nothing, one of them and then all.
. "$(dirname "$0")/lib.sh"
LATENCY=2000
SEND_OPTIONS=(--link-timeout 4s)

roads 3
uplinks 10.9.1.2%m1 10.9.2.2%m2 10.9.3.2%m3
stream 3

silence 2
check "F12: a silent link is found out" within 6 link_is m2 down
sleep 1
before=$(sent_on 2)
goes_on "F12: the stream goes on without it"
[ $(($(sent_on 2) - before)) -lt 4000 ] || fail "F12: the dead link still carries data"
unsilence 2
check "F12: the link comes back" within 3 link_is m2 up
before=$(sent_on 2)
shape 1 1500kbit
shape 3 1500kbit
goes_on "F12: the stream goes on with it"
# shellcheck disable=SC2317 # called by within
grown() { [ "$(sent_on 2)" -gt $((before + 200000)) ]; }
check "F12: the link carries again, now that it is needed" within 8 grown
tc -n car qdisc del dev m1 root
tc -n car qdisc del dev m3 root

for link in 1 2 3; do silence $link; done
check "F13: control panels are told" within 8 logged send "^no available connections$"
sleep 3
alive send || fail "F13: the sender ended"
for link in 1 2 3; do unsilence $link; done
check "F13: all links come back" within 3 links_up 3
before=$(seen 1.chunks)
check "F13: media flows again" within 12 flows 1 $((before + 400))
[ "$(count_logged send "event=group_joined")" -le 2 ] || fail "F13: more groups than needed"
finish
