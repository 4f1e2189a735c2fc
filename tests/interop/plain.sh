#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# An SRT caller without SRTLA on the receiver's port: nobody without --plain-srt, a stream with it,
# and with a list of stream keys only if it has one of them.
. "$(dirname "$0")/../netns/lib.sh"

# start_plain TAKE [SRT OPTIONS]: straight to the receiver.
start_plain() {
    start encoder car bash -c "'$MEDIA' feed $1 4000000 | tee -a '$WORK/in' |
        srt-live-transmit -c 1316 file://con 'srt://10.9.0.1:5000?mode=caller&latency=$LATENCY${2:+&$2}'"
}

stop_encoder() {
    stop encoder KILL # in the middle of a call it would outlive a TERM
    unset "PID[encoder]"
}

roads 1
uplinks 10.9.1.2%m1
start_server "passphrase=correct-horse-battery"

start_rec
start_plain 1 "passphrase=correct-horse-battery"
sleep 4
stop_encoder
! logged rec 'event=group_new' || fail "a plain caller has a group though nobody asked for that"
! logged server "Accepted SRT source" || fail "a plain caller has reached the server"
say "ok: without --plain-srt a plain caller is nobody"
stop rec

start_rec --plain-srt --state-dir "$WORK/state"
began=$(now_ms)
start_plain 2 "passphrase=correct-horse-battery"
check "a plain caller streams, encrypted" within 8 flows 2
say "first media $(($(seen 2.first_ms) - began)) ms after the start of the encoder"
check "and goes on" within 5 flows 2 1000
[ "$(seen 2.missing)$(seen 2.corrupt)$(seen strange)" = 000 ] || fail "the stream was harmed"
check "it is a group of one" logged rec 'event=session_agreed'
[ "$(count_logged rec event=member_new)" = 1 ] || fail "members: $(count_logged rec event=member_new)"
stop rec KILL
start_rec --plain-srt --state-dir "$WORK/state"
check "it goes on over a restart" within 5 flows 2 $(($(seen 2.chunks) + 400))
[ "$(seen 2.missing)" = 0 ] || fail "the restart cost pieces: $(seen 2.missing)"
[ "$(count_logged server "Accepted SRT source")" = 1 ] || fail "the restart cost the session"
stop_encoder
check "an SRTLA sender" start_send 10.9.0.1
check "comes up on the same port" within 5 links_up 1
start_encoder 3 "passphrase=correct-horse-battery"
check "and streams" within 8 flows 3
stop_encoder
stop rec

echo 'live/one' >"$WORK/keys"
start_rec --plain-srt --stream-keys "$WORK/keys"
start_plain 4 "passphrase=correct-horse-battery&streamid=live/two"
check "a plain caller with a wrong key is refused" within 4 logged rec 'event=login_refused .*why="stream key not listed"'
stop_encoder
start_plain 5 "passphrase=correct-horse-battery&streamid=live/one"
check "and one with a key streams" within 12 flows 5
! flows 4 1 || fail "something of the one without a key got through"
finish
