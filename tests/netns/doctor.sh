#!/bin/bash
# shellcheck disable=SC2317 # functions are called by check
# SPDX-License-Identifier: MIT
# srtla_send doctor: two good links, then one trouble after the other.  Each is named, the exit
# status tells of it, and what is printed as advice is typed, word for word, and mends it.
. "$(dirname "$0")/lib.sh"

roads 2
start_rec

# doctor [OPTION...]: its report stands in $WORK/doctor.log, its exit status is ours.
doctor() { in_ns car "$SRTLA_SEND" doctor "$@" >"$WORK/doctor.log" 2>&1; }
ends_with() { # ends_with STATUS COMMAND...
    local status=$1

    shift
    "$@"
    [ $? = "$status" ]
}
says() { logged doctor "$1"; }
# What it says is to be typed, by root or anybody.
advice() { sed -n 's/^ *[#$] //p' "$WORK/doctor.log"; }
type_advice() {
    local line

    line=$(advice | tail -n 1)
    [ -n "$line" ] || fail "there is no advice"
    say "typed: $line"
    in_ns car bash -c "$line" >"$WORK/typed.log" 2>&1
}

LINKS=(--iface "m1,m2")
ROAD=(10.9.0.1 5000)

# Where no answer comes it takes longest: meanwhile the others begin.
start nobody car "$SRTLA_SEND" doctor "${LINKS[@]}" 10.9.0.1 5001
start nowhere car "$SRTLA_SEND" doctor --dns 127.0.0.1 "${LINKS[@]}" nowhere.invalid 5000

uplinks 10.9.1.2 10.9.2.2

check "without a trouble the exit status is 0" doctor "${LINKS[@]}" "${ROAD[@]}"
check "both links are good" says '^2 of 2 links can be used$'
check "a path of 1500 bytes is measured" [ "$(grep -c 'path MTU *1500 bytes' "$WORK/doctor.log")" = 2 ]
check "it chooses by itself too" doctor "${ROAD[@]}"
check "nobody needs to be root for that" in_ns car setpriv --reuid 65534 --clear-groups --no-new-privs \
    --inh-caps=-all --bounding-set=-all "$SRTLA_SEND" doctor "${LINKS[@]}" "${ROAD[@]}" >"$WORK/doctor.log"

in_ns car tee /proc/sys/net/ipv4/conf/m2/rp_filter <<<1 >/dev/null
check "with strict rp_filter the exit status is 69" ends_with 69 doctor "${LINKS[@]}" "${ROAD[@]}"
check "rp_filter is named" says '! rp_filter drops what comes back by m2, as routes would answer by m1'
check "the other link is good" says '^1 of 2 links can be used$'
type_advice
check "and the advice mends it" doctor "${LINKS[@]}" "${ROAD[@]}"

ip -n car route del default dev m2
check "without a route the exit status is 69" ends_with 69 doctor "${LINKS[@]}" "${ROAD[@]}"
check "the missing route is named" says '! no route leads out of m2 to the receiver'
type_advice
check "and the advice mends it" doctor "${LINKS[@]}" "${ROAD[@]}"

ip -n car link set dev m2 down
check "an interface that is off is named" ends_with 69 doctor "${LINKS[@]}" "${ROAD[@]}"
check "and what switches it on" says '! m2 is switched off'
type_advice
check "its address is there, its route is not" ends_with 69 doctor "${LINKS[@]}" "${ROAD[@]}"
type_advice
check "and then all is good" doctor "${LINKS[@]}" "${ROAD[@]}"

check "an address that leaves by another interface is named" ends_with 69 doctor "${ROAD[@]}" "$WORK/ips"
check "with both of them" says '! packets from this address leave by m1, as routes say, and not by m2'
type_advice
check "and the advice mends it" doctor "${ROAD[@]}" "$WORK/ips"

silence 2
check "a link without answers is named" ends_with 69 doctor "${LINKS[@]}" "${ROAD[@]}"
check "and that nothing here stands in its way" says '! no answer: nothing on this machine stands in the way'
[ "$(advice | tail -n 1)" = "ping -c 3 -I m2 10.9.0.1" ] || fail "it should say how to look further"
unsilence 2
check "once it answers, all is good" doctor "${LINKS[@]}" "${ROAD[@]}"

# The road behind w2 takes 1300 bytes, and swallows what is longer without a word.
in_ns road nft 'table inet narrow { chain in { type filter hook prerouting priority -300;
    iifname w2 meta length > 1300 drop; }; }' || fail "nft refuses"
check "a path that swallows full packets is named" ends_with 69 doctor "${LINKS[@]}" "${ROAD[@]}"
check "with its measure" says 'path MTU *1300 bytes: 1272 of payload came back, 1273 did not'
check "and the payload that fits" says '! .* 1316 bytes of payload does not fit, one with 1128 does'
type_advice
[ "$(tail -n 1 "$WORK/typed.log")" = "2 of 2 links can be used" ] || fail "the advice does not mend it"
say "ok: and with that payload all is good"
in_ns road nft delete table inet narrow

check "an interface that is not there is named" ends_with 69 doctor --iface m1,m9 "${ROAD[@]}"
check "by its name" says '^link m9: not usable$'
check "wrong words end with 64" ends_with 64 doctor --iface m1

wait "${PID[nobody]}"
check "where nobody listens, the exit status is 69" [ $? = 69 ]
check "and it says so of both links" [ "$(count_logged nobody '! nobody listens on port 5001 there')" = 2 ]
wait "${PID[nowhere]}"
check "a name without an address ends with 68" [ $? = 68 ]

finish
