#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# F23, F36: packets that are too large: for a link that says so, and for us.
. "$(dirname "$0")/lib.sh"
LATENCY=2000

# throw NAMESPACE HOST PORT: datagrams of 1501 to 65507 bytes that look like SRT data.
throw() {
    in_ns "$1" python3 - "$2" "$3" <<'PY'
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for size in (1501, 2047, 2048, 2049, 9000, 65507) * 20:
    s.sendto(bytes(size), (sys.argv[1], int(sys.argv[2])))
    time.sleep(0.002)
PY
}

oversize() { in_ns road nft list counter inet large seen | awk '/packets/ { print $2 }'; }

#   car m1 ------------------------------------- w1 road
#       m2 10.9.2.2 --- 10.9.2.1 hop 10.9.8.1 --- w2
roads 1
namespace hop
ip link add m2 netns car type veth peer name near netns hop
ip link add far netns hop type veth peer name w2 netns road
ip -n hop addr add 10.9.2.1/24 dev near
ip -n hop addr add 10.9.8.1/24 dev far
ip -n road addr add 10.9.8.2/24 dev w2
ip -n hop link set near up
ip -n hop link set far up
ip -n road link set w2 up
ip -n road route add 10.9.2.0/24 via 10.9.8.1
ip -n hop route add default via 10.9.8.2
in_ns hop tee /proc/sys/net/ipv4/ip_forward <<<1 >/dev/null
address_car 2
uplinks 10.9.1.2%m1 10.9.2.2%m2
singly road
in_ns road nft -f - <<'NFT'
table inet large {
    counter seen { }
    chain in { type filter hook input priority 0; udp dport 4001 meta length > 1500 counter name seen; }
}
NFT
stream 2

throw car 127.0.0.1 9000
throw car 10.9.0.1 5000
throw road 10.9.0.1 5000
goes_on "F36: oversized datagrams disturb nothing"
[ "$(oversize)" = 0 ] || fail "F36: oversized datagrams were handed on"

shape 1 2500kbit # so that the other is needed
ip -n hop link set far mtu 1000
check "F23: the sender says what the path takes" within 5 logged send "event=link_path_mtu .*bytes=1000"
sleep 1
goes_on "F23: the stream goes on"
[ "$(count_logged send "event=link_(path_)?mtu")" -le 3 ] || fail "F23: said too often"
finish
