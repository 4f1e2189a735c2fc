#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317 # functions that check() calls
# F51: the NAT on the way of one link forgets it, and from the next packet on it comes from another
# port; nobody is told.  The links are so narrow that two of them are needed.
. "$(dirname "$0")/lib.sh"
LATENCY=2000

# behind PORT: what link 2 sends from its own port comes from this one, and back.  Stateless, so
# that the change is as sudden as that of a NAT which has lost its memory.
behind() {
    in_ns road nft -f - <<NFT
table inet nat2
delete table inet nat2
table inet nat2 {
    chain in { type filter hook prerouting priority -300; iifname w2 udp sport $port udp sport set $1; }
    chain out { type filter hook output priority -300; ip daddr 10.9.2.2 udp dport $1 udp dport set $port; }
}
NFT
}

seen_from() { logged rec "event=member_new .*from=10.9.2.2:$1\b"; }
carried() { [ "$(sent_on 2)" -gt $((before + 100000)) ]; }

roads 3
for link in 1 2 3; do shape $link 2500kbit; done
uplinks 10.9.1.2%m1 10.9.2.2%m2 10.9.3.2%m3
stream 3
port=$(grep -o 'event=member_new .*from=10\.9\.2\.2:[0-9]*' "$WORK/rec.log" | tail -n 1 | sed 's/.*://')
sleep 2

for i in 1 2 3; do
    began=$(now_ms)
    behind $((20000 + i))
    check "F51: the receiver knows the link by its new port ($i)" within 4 seen_from $((20000 + i))
    say "after $(($(now_ms) - began)) ms; $(seen 1.missing) of $(seen 1.chunks) pieces are missing"
    before=$(sent_on 2)
    shape 1 1200kbit # the others do not do without it
    check "F51: the link carries" within 4 carried
    shape 1 2500kbit
    goes_on "F51: the stream goes on ($i)"
done
[ "$(count_logged send "event=link_down link=m[13]/")" = 0 ] || fail "another link went down"
[ "$(count_logged rec "event=group_new")" = 1 ] || fail "another group was made"
finish
