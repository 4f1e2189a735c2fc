#!/bin/bash
# shellcheck disable=SC2317 # functions are called by check
# SPDX-License-Identifier: MIT
# srtla_rec check beside a real SRT server: with and without it, with and without a receiver, with
# the port in strange hands; and keys are shown to nobody who does not ask for them.
. "$(dirname "$0")/lib.sh"

roads 1

# look [OPTION...]: its report stands in $WORK/look.log, its exit status is ours.
look() { in_ns road "$SRTLA_REC" check "$@" 5000 127.0.0.1 4001 >"$WORK/look.log" 2>&1; }
ends_with() { # ends_with STATUS COMMAND...
    local status=$1

    shift
    "$@"
    [ $? = "$status" ]
}
says() { logged look "$1"; }

printf '%s\n' live/7f3a9c21 '#!::r=studio,m=publish [::1]:4002' >"$WORK/keys"

check "without an SRT server the exit status is 69" ends_with 69 look
check "that is what it says" says 'FAULT  SRT server, udp 127.0.0.1:4001: nothing listens there'
check "the port is free" says 'good   SRTLA port, udp 127.0.0.1:5000: free'

start_server
check "with a server all is good before the start" look
check "the server takes calls" says 'good   SRT server, udp 127.0.0.1:4001: takes SRT calls'

start taken road python3 -c 'import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", 5000))
time.sleep(60)'
within 5 listening_udp road 5000 || fail "the stranger does not listen"
check "a port in strange hands ends with 69" ends_with 69 look
check "and is named" says "FAULT  SRTLA port, .*: another program has it"
stop taken KILL

start_rec
check "with a receiver all is good" look --name 10.9.0.1
check "it answers on loopback" says 'good   SRTLA port, udp 127.0.0.1:5000: srtla_rec answers'
check "and where senders see it" says 'good   public port, udp 10.9.0.1:5000: srtla_rec answers'
check "by HTTP too" says 'good   HTTP, tcp 127.0.0.1:5000: answers, status 200'
check "the sender's URL is for copying" says 'sender *srtla://10.9.0.1:5000\?streamid=KEY$'
check "nothing of this made a group, or called the server" eval \
    '! logged rec "event=(group|session)_new" && ! logged server "Accepted SRT"'

check "an address that does not lead here is a fault" ends_with 69 look --name 10.9.1.2
check "keys are shown to who asks for them" ends_with 69 look --show-keys --stream-keys "$WORK/keys"
check "each with its URLs" says 'srtla://HOST:5000\?streamid=%23!::r=studio,m=publish$'
check "and with its server" says 'FAULT  SRT server, udp \[::1\]:4002: nothing listens there'
check "and to nobody else" ends_with 69 look --stream-keys "$WORK/keys"
check "who sees how many there are" says 'stream KEY, any of 2 stream keys'
says '7f3a9c21|studio' && fail "a key was shown"
check "wrong words end with 64" ends_with 64 look --name
check "keys that are not there end with 66" ends_with 66 look --stream-keys "$WORK/nothing"
finish
