#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317 # functions that check() calls
# F37: the best link of a live bond begins to swallow every packet of more than 1300 bytes, and
# tells nobody; what is small still passes, so that the link looks alive.  The two others could
# carry all.
. "$(dirname "$0")/lib.sh"
LATENCY=2000

roads 3
for link in 1 3; do shape $link 1500kbit; done # they do not do without the second, now
uplinks 10.9.1.2%m1 10.9.2.2%m2 10.9.3.2%m3
stream 3
sleep 3
carried() { [ "$(sent_on 2)" -gt $((before + 100000)) ]; }
before=$(sent_on 2)
check "the link is in use" within 5 carried

for link in 1 3; do shape $link 2500kbit; done
in_ns road nft "table inet hole { counter swallowed { }
    chain in { type filter hook prerouting priority -300; iifname w2 meta length > 1300 counter name swallowed drop; }; }"
swallowed() { in_ns road nft list counter inet hole swallowed | awk '/packets/ { print $2 }'; }
before=$(seen 1.chunks)
check "F37: the stream goes on" within 20 flows 1 $((before + 3000))
say "F37: $(swallowed) packets went into the hole; $(seen 1.missing) of $(seen 1.chunks) pieces are missing"
[ "$(count_logged server "Accepted SRT source")" = 1 ] || fail "F37: the SRT session was lost"
[ "$(swallowed)" -gt 0 ] || fail "F37: nothing went into the hole"
[ "$(seen 1.missing)" = 0 ] || fail "F37: pieces are missing"
before=$(swallowed)
goes_on "F37: nothing is missing later"
[ $(($(swallowed) - before)) -le 40 ] || fail "F37: the hole is still fed: $(($(swallowed) - before)) packets"

in_ns road nft delete table inet hole
before=$(sent_on 2)
shape 1 1200kbit # the others do not do without it
check "F37: the link is in use again without the hole" within 15 carried
goes_on "F37: the stream goes on"
finish
