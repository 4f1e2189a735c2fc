#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Packets find their link by its addresses: of each vehicle, and of a link that changes its own.
# shellcheck source=tests/lab/lib.sh
. "$(dirname "$(realpath "$0")")"/lib.sh

namespace bike
scenario "links 1-2 delay 20ms" "link 2 mtu 500"
emulate 2 --car /run/netns/bike
ip -n bike addr add 10.10.1.2/24 dev m1
ip -n bike route add default dev m1
sink 1000
tell start

send 200 50 300 1
in_ns bike "$TRAFFIC" send 10.8.0.1 5000 m1 100 30 300 1 "$WORK/bike"
check "answers go to the vehicle that asked" \
    [ "$("$JUDGE" count "$WORK/down" 1) $("$JUDGE" count "$WORK/down" 2) $("$JUDGE" count "$WORK/bike" 1)" = "50 50 30" ]

ip -n car addr add 10.9.1.3/32 dev m1 # of a net of its own, so that it stays when the other goes
ip -n car addr del 10.9.1.2/24 dev m1
DEVICES=m1
send 100 20 300 1
check "a link with another address is the same link" [ "$("$JUDGE" count "$WORK/down" 1)" = 20 ]

DEVICES=m1,m2
send 200 20 600 1
check "what is too long for a link vanishes" [ "$("$JUDGE" count "$WORK/down" 1)" = 20 ]

# ICMP errors come back on the link, also to a port that the NAT has changed; the kernel sends six at once.
tell rebind 1 1
DEVICES=m1
refused=$(in_ns car "$TRAFFIC" send 10.8.0.1 5001 m1 20 10 100 1 "$WORK/down" 2>&1 | grep -c refused)
check "a closed port answers that it is closed ($refused)" [ "$refused" -ge 3 ]
# shellcheck disable=SC2016
in_ns road bash -c 'for ((i = 0; i < 5; i++)); do echo . >/dev/udp/10.77.1.2/9; done'

halt
check "links and vehicles are told apart" \
    [ "$(figure roads.0.packets_in) $(figure roads.2.packets_in) $(figure roads.4.packets_in) $(figure roads.6.packets_in)" = "100 70 30 0" ]
check "the long ones are counted" [ "$(figure roads.2.too_long)" = 20 ]
check "so is what is for no link" [ "$(figure drops.nowhere)" = 5 ]
passed
