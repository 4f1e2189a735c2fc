#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# F18, F19, F20: name servers that fail, change their mind, or hang.
#
# Beside the receiver at 10.9.0.1 there is an address that nobody answers at, 10.9.0.7.
. "$(dirname "$0")/lib.sh"
LATENCY=2000

dns_says() { printf '%s\n' "$@" >"$WORK/dns"; }

roads 2
uplinks 10.9.1.2%m1 10.9.2.2%m2
dns_says fail
start dns car "$HERE/stub_dns.py" "$WORK/dns"
SEND_OPTIONS=(--link-timeout 4s)
start_server
start_rec
start_send rec.example.org --dns 127.0.0.1
check "F18: a name server that fails is reported" within 5 logged send "event=host_unknown"
alive send || fail "F18: the sender ended"
dns_says 10.9.0.1
check "F18: once it answers, the links come up" within 10 links_up 2

start_encoder 1
check "media flows" within 8 flows 1
dns_says 10.9.0.7
sleep 2
goes_on "F19: another answer disturbs nothing while links live"
dns_says hang

say "F20: the links die for 13 s, the name server hangs"
for link in 1 2; do silence $link; done
within 8 links_up 0 || fail "the links are still up"
sleep 13
for link in 1 2; do unsilence $link; done
check "F20: the links come up without it" within 3 links_up 2

say "F19: the receiver moves to another address, and the name follows"
stop rec
ip -n road addr del 10.9.0.1/32 dev lo
ip -n road addr add 10.9.0.9/32 dev lo
start_rec
dns_says 10.9.0.9
check "the links are down" within 5 links_up 0
check "F19: after total loss all links move" within 60 links_up 2
check "F19: both to the new address" logged send "event=host_.*10\.9\.0\.9"
stop encoder KILL
finish
