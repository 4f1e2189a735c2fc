#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Each way of --io, with real SRT: media in bursts comes out whole and in order, and what the
# programs tell of their calls fits the way.  Then links that cannot take what one way does best.
. "$(dirname "$0")/lib.sh"

# 10 Mbit/s in 30 pictures a second: 32 packets each.
start_camera() {
    start encoder car bash -c "python3 '$HERE/bursts.py' 1 10000000 30 |
        srt-live-transmit -c 1316 file://con 'srt://127.0.0.1:9000?mode=caller&latency=$LATENCY'"
}

# total NAME FIELD: a figure of a program's last words.
total() { sed -n "s/.*event=stopped.* $2=\([0-9]*\).*/\1/p" "$WORK/$1.log" | tail -n 1; }

# expect NAME FIELD OPERATOR FIGURE: the figure may be a field of the same line.
expect() {
    local have want=$4

    have=$(total "$1" "$2")
    [[ $want =~ ^[0-9]+$ ]] || want=$(total "$1" "$4")
    test "$have" "$3" "$want" || fail "$1: $2=$have is not $3 $4 ($want)"
}

# run [OPTION...]: some seconds of media through fresh programs with these options; all of it came.
run() {
    local name

    rm -rf "$WORK"/*.log "$WORK/seen" "$WORK/stats" "$STATE_DIRECTORY"
    start_server
    start_rec "$@"
    start_send 10.9.0.1 "$@"
    check "${*:-no option}: the links come up" within 5 links_up 2
    start_camera
    check "${*:-no option}: media flows" within 8 flows 1
    check "${*:-no option}: and goes on" within 15 flows 1 2500
    unharmed "$*"
    [ "$(seen 1.backward)" = 0 ] || fail "$*: out of order"
    stop encoder KILL
    for name in send rec; do
        check "$name still runs" alive "$name"
        check "$name ends with status 0" stop "$name"
        ! logged "$name" 'AddressSanitizer|LeakSanitizer|runtime error:' || fail "$name: sanitizer"
        expect "$name" in_doubt = 0
        expect "$name" starved = 0
        expect "$name" kernel_drops = 0
    done
    stop server KILL
}

roads 2
uplinks 10.9.1.2%m1 10.9.2.2%m2

run --io plain
for name in send rec; do
    check "$name says its way" logged "$name" 'event=io way=plain coalesce_us=0'
    expect $name reads = read
    expect $name writes = written
    expect $name runs = 0
    expect $name coalesced = 0
done

run --io mmsg
for name in send rec; do
    check "$name says its way" logged "$name" 'event=io way=mmsg coalesce_us=0'
    expect $name reads -lt read
    expect $name writes -lt written
    expect $name runs = 0
    expect $name coalesced = 0
done

for more in "" "--coalesce 1ms"; do
    # shellcheck disable=SC2086 # two words, or none
    run --io gso $more
    for name in send rec; do
        check "$name says its way" logged "$name" "event=io way=gso coalesce_us=${more:+100}0"
        expect $name reads -lt read
        expect $name writes -lt written
        expect $name runs -gt 0
        expect $name in_runs -gt runs
    done
    # what left as one came as one, all the way through a link
    expect rec coalesced -ge 3
done

say "a device that computes no checksums"
for i in 1 2; do
    in_ns car "$HERE/offload.py" "m$i" off
    in_ns road "$HERE/offload.py" "w$i" off
done
run --io gso
for i in 1 2; do
    in_ns car "$HERE/offload.py" "m$i" on
    in_ns road "$HERE/offload.py" "w$i" on
done

say "links too narrow for a packet: it passes in two fragments, and no run does"
for i in 1 2; do
    ip -n car link set "m$i" mtu 1300
    ip -n road link set "w$i" mtu 1300
done
run --io gso
expect send written -gt 2500
expect send runs = 0
expect rec runs -gt 0
say "passed: $(basename "$0")"
