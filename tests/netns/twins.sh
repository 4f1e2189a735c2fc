#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# F17: two modems that both gave this machine the address 192.168.8.100 are two links.
#
#   car  m1 192.168.8.100 --- 192.168.8.1 modem1 10.9.1.2 --- 10.9.1.1 road
#        m2 192.168.8.100 --- 192.168.8.1 modem2 10.9.2.2 --- 10.9.2.1 (each translates addresses)
. "$(dirname "$0")/lib.sh"
SEND_OPTIONS=(--mode classic) # spreads over ways that are equal

modem() {
    local i=$1

    namespace "modem$i"
    ip link add "m$i" netns car type veth peer name lan netns "modem$i"
    ip link add wan netns "modem$i" type veth peer name "w$i" netns road
    ip -n road addr add "10.9.$i.1/24" dev "w$i"
    ip -n road link set "w$i" up
    ip -n "modem$i" addr add 192.168.8.1/24 dev lan
    ip -n "modem$i" addr add "10.9.$i.2/24" dev wan
    ip -n "modem$i" link set lan up
    ip -n "modem$i" link set wan up
    ip -n "modem$i" route add default via "10.9.$i.1"
    in_ns "modem$i" tee /proc/sys/net/ipv4/ip_forward <<<1 >/dev/null
    in_ns "modem$i" nft "table ip nat { chain out { type nat hook postrouting priority 100; oifname wan masquerade; }; }"
    ip -n car link set "m$i" up
    ip -n car addr add 192.168.8.100/24 dev "m$i"
    ip -n car route add default via 192.168.8.1 dev "m$i" metric "$i"
}

roads 0
modem 1
modem 2
uplinks 192.168.8.100%m1 192.168.8.100%m2
stream 2
# shellcheck disable=SC2317 # called by within
both() { [ "$(sent_on 1)" -gt 300000 ] && [ "$(sent_on 2)" -gt 300000 ]; }
check "both carry data" within 5 both
goes_on "the stream is whole"
check "the receiver has a member by each modem" logged rec "event=member_new.*10\.9\.2\.2"

ip -n modem1 link set lan down
check "one of them dies" within 6 link_is m1 down
before=$(seen 1.chunks)
check "the other carries on" within 6 flows 1 $((before + 800))
finish
