#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# F14, F15, F16: a modem that is unplugged, renumbered, or loses its carrier or its route, in the
# middle of a stream; two more carry on and nothing of it is lost.  The kernel tells, so that each
# takes less than a second, the comeback too.
. "$(dirname "$0")/lib.sh"
LATENCY=2000
SEND_OPTIONS=(--link-timeout 4s)

roads 3
uplinks 10.9.1.2%m1 10.9.2.2%m2 10.9.3.2%m3
stream 3

say "F14: the interface goes and comes back under another index"
ip -n car link del m2
check "the link is down" within 1 link_is m2 down
goes_on "the stream goes on"
cable 2
check "the link is up again" within 1 link_is m2 up

say "F14: the interface is switched off and on"
ip -n car link set m2 down
check "the link is down" within 1 link_is m2 down
ip -n car addr flush dev m2
address_car 2
check "the link is up again" within 1 link_is m2 up
goes_on "the stream goes on"

say "F14: the cable is pulled and put in"
ip -n road link set w2 down
check "the link is down" within 1 link_is m2 down
logged send "event=link_down link=m2/.* why=\"no carrier\"" || fail "the reason is not said"
goes_on "the stream goes on"
ip -n road link set w2 up
check "the link is up again" within 1 link_is m2 up

say "F15: the address is taken away and given back"
ip -n car addr del 10.9.2.2/24 dev m2
check "the link is down" within 1 link_is m2 down
goes_on "the stream goes on"
ip -n car addr add 10.9.2.2/24 dev m2
ip -n car route add default via 10.9.2.1 dev m2 metric 2
check "the link is up again" within 1 link_is m2 up

say "F15: another address, and the file follows"
ip -n car addr flush dev m2
ip -n car addr add 10.9.2.9/24 dev m2
ip -n car route add default via 10.9.2.1 dev m2 metric 2
uplinks 10.9.1.2%m1 10.9.2.9%m2 10.9.3.2%m3
signal send HUP
check "the new address is up" within 1 link_is m2/10.9.2.9 up
check "the old one is gone" within 1 link_is m2/10.9.2.2 absent
goes_on "the stream goes on"

say "F16: the route goes and comes back"
ip -n car route del default dev m2
check "the link is down" within 1 link_is m2 down
goes_on "the stream goes on"
ip -n car route add default via 10.9.2.1 dev m2 metric 2
check "the link is up again" within 1 link_is m2 up

[ "$(count_logged send "event=link_down link=m[13]/")" = 0 ] || fail "another link went down too"
finish
