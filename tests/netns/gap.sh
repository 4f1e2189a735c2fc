# shellcheck shell=bash disable=SC2317 # functions that check() calls
# SPDX-License-Identifier: MIT
#
# What the scripts share that stop one end in the middle of a stream and start it again: how long
# media paused for it, and whether encoder or SRT server noticed.  After lib.sh.

export MALLOC_PERTURB_=0 # to paint the memory takes longer than all the rest of a start
figure() { "$MEDIA" value "$WORK/wire" "$1"; }
media_moves() { [ "$(figure packets)" -gt "${1-50}" ]; }
anew() {
    kill -USR1 "${PID[wire]}"
    sleep 0.15
}

# watch_gaps: how long media pauses before it reaches the SRT server; figure() tells.
watch_gaps() { start wire road python3 "$HERE/wire_gap.py" 4001 "$WORK/wire"; }

# encoder TAKE BITS_A_SECOND
encoder() {
    start encoder car bash -c "'$MEDIA' feed $1 $2 | tee -a '$WORK/in' |
        srt-live-transmit -c 1316 file://con 'srt://127.0.0.1:9000?mode=caller&latency=$LATENCY'"
}

# went_on SENTENCE MS: media flows, it paused for so long at most, and nobody noticed.
went_on() {
    check "$1" within 8 media_moves 500
    say "gap $(figure gap_ms) ms"
    [ "$(figure gap_ms)" -le "$2" ] || fail "$1: a gap of $(figure gap_ms) ms"
    [ "$(figure sources)" = 1 ] || fail "$1: the SRT server saw another port"
    [ "$(seen 1.corrupt)$(seen strange)" = 00 ] || fail "the stream was harmed: $1"
    [ "$(count_logged server "Accepted SRT source")" = 1 ] || fail "the SRT session was lost: $1"
    ! logged encoder 'SRT (target|source) disconnected' || fail "$1: the encoder noticed"
    ! logged send 'event=group_lost' || fail "$1: the sender had to begin anew"
}
