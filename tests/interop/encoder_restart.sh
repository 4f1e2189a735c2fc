#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# An encoder that is started again has its media flowing within two seconds, behind an SRT server
# that knows nothing of it: whether the old one said goodbye or died.
. "$(dirname "$0")/../netns/lib.sh"

# again TAKE SIGNAL
again() {
    local began gap

    stop encoder "$2"
    began=$(now_ms)
    start_encoder "$1"
    check "take $1: media flows again" within 10 flows "$1" 1
    gap=$(($(seen "$1.first_ms") - began))
    say "take $1: first media $gap ms after the start (SIG$2 for the one before)"
    [ $gap -le 2000 ] || fail "take $1: $gap ms"
    check "take $1: and goes on" within 5 flows "$1" 500
}

roads 2
uplinks 10.9.1.2%m1 10.9.2.2%m2
stream 2
again 2 TERM
again 3 KILL
again 4 KILL
[ "$(seen 4.missing)" = 0 ] || fail "pieces of the last take are missing: $(seen 4.missing)"
finish
