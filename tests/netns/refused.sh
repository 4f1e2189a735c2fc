#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# F21, F22, F24, F25: the kernel refuses to send on one link, each time for another reason; that
# link rests, the stream does not, and the link is back once the reason has gone.
. "$(dirname "$0")/lib.sh"
LATENCY=2000
SEND_OPTIONS=(--link-timeout 4s)

# rest NAME: link 2 goes down without harm; heal NAME: it comes back.
rest() {
    check "$1: the link rests" within 6 link_is 10.9.2.2 down
    goes_on "$1: the stream goes on"
}

heal() { check "$1: the link is back" within 4 link_is 10.9.2.2 up; }

roads 2
# No interface in the file: the kernel chooses by source address.
uplinks 10.9.1.2 10.9.2.2
ip -n car rule add from 10.9.2.2 lookup 102
ip -n car route add default via 10.9.2.1 dev m2 table 102
stream 2

for kind in unreachable prohibit blackhole; do
    ip -n car route replace $kind default table 102
    rest "$kind route"
    ip -n car route replace default via 10.9.2.1 dev m2 table 102
    heal "$kind route"
done

in_ns car nft "table inet wall { chain out { type filter hook output priority 0; oifname m2 drop; }; }"
rest "a firewall here"
in_ns car nft delete table inet wall
heal "a firewall here"

# Nobody at home, on one of the two ways.
in_ns road nft "table inet wall {
    chain in { type filter hook input priority 0; iifname w2 udp dport 5000 reject; }
    chain out { type filter hook output priority 0; oifname w2 udp sport 5000 drop; }
}"
rest "F24: port closed"
in_ns road nft delete table inet wall
heal "F24: port closed"

port=$(grep -o 'event=member_new .*from=10\.9\.1\.2:[0-9]*' "$WORK/rec.log" | tail -n 1 | sed 's/.*://')
before=$(in_ns car nstat -asz IcmpInDestUnreachs | awk '/Unreachs/ { print $2 }')
in_ns road "$HERE/forged_icmp.py" 10.9.1.2 "$port" 10.9.0.1 5000 20
after=$(in_ns car nstat -asz IcmpInDestUnreachs | awk '/Unreachs/ { print $2 }')
[ $((after - before)) -ge 20 ] || fail "F25: the forgeries do not arrive"
check "F25: forged refusals do not end the link" link_is 10.9.1.2 up
goes_on "F25: the stream goes on"

say "F21: a queue that is full most of the time"
shape 2 64kbit
before=$(seen 1.chunks)
check "F21: the stream goes on" within 12 flows 1 $((before + 1200))
[ "$(count_logged server "Accepted SRT source")" = 1 ] || fail "F21: the SRT session was lost"
[ "$(count_logged send "event=link_down link=10.9.1.2")" = 0 ] || fail "the good link went down too"
finish
