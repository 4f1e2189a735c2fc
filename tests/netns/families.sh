#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# IPv6 alone, IPv4 and IPv6 in one group, both on each interface, and a receiver that has one alone.
. "$(dirname "$0")/lib.sh"
SEND_OPTIONS=(--mode classic) # spreads over ways that are equal

# bond NAME HOST UPLINK...
bond() {
    local name=$1 host=$2 before

    shift 2
    uplinks "$@"
    start_send "$host"
    check "$name: the links come up" within 5 links_up $#
    start_encoder 1
    check "$name: media flows" within 8 flows 1 1000
    [ "$(seen 1.missing)$(seen 1.corrupt)" = 00 ] || fail "$name: the stream was harmed"
    for before in 1 2; do
        [ "$(sent_on $before)" -gt 100000 ] || fail "$name: link $before carries nothing"
    done
    stop encoder
    check "$name: the sender ends well" stop send
    stop server
    rm -f "$WORK/seen"
    start_server
}

roads 2
printf '%s rec.example.org\n' 10.9.0.1 fd09::1 >"$WORK/hosts"
mount --bind "$WORK/hosts" /etc/hosts
start_server
start_rec
bond "IPv6 alone" fd09::1 fd09:1::2%m1 fd09:2::2%m2
bond "mixed" rec.example.org 10.9.1.2%m1 fd09:2::2%m2
bond "both on each" rec.example.org 10.9.1.2%m1 fd09:1::2%m1 10.9.2.2%m2 fd09:2::2%m2

say "a receiver on IPv4 alone: the IPv6 link waits and harms nothing"
stop rec
start_rec --bind 0.0.0.0
uplinks 10.9.1.2%m1 fd09:2::2%m2
start_send rec.example.org
check "the IPv4 link comes up" within 5 link_is m1 up
sleep 1
check "the IPv6 link does not" link_is m2 down
start_encoder 1
check "media flows" within 8 flows 1
finish
