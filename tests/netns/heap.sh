#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317 # functions that check() calls
# Once a session runs, neither program asks for memory: not for packets, and not for what it
# writes down beside them.  Each way of packet I/O, 100 000 packets over four links.
# Needs BENCH_LOAD and HEAP_PRELOAD of the build.
. "$(dirname "$0")/lib.sh"

RATE=20000 WARM=3 PACKETS=100000

asked() { od -An -tu8 -N8 "$WORK/$1.heap" | tr -d ' '; }
wants_more() { [ "$(asked "$1")" -gt "$2" ]; }
four_links() { [ "$(count_logged send "event=link_up")" = 4 ]; }
counts() { echo >&"$to_load" && read -r -t 5 told <&"$from_load"; }
figure() { sed -n "s/.*\b$1=\([0-9]*\).*/\1/p" <<<"$told"; }

# places NAME COUNT: whence the latest so many calls came, for whoever looks for them.
places() {
    local count=$2 at address base end file

    for ((at = $(asked "$1") - (count < 20 ? count : 20); at < $(asked "$1"); at++)); do
        address=$((0x$(od -An -tx8 -v -N8 -j $((8 + at % 63 * 8)) "$WORK/$1.heap" | tr -d ' ')))
        while read -r base end file; do
            if ((address < 0x$base || address >= 0x$end)); then continue; fi
            echo "$1: from $(addr2line -fspe "$file" "$(printf %x $((address - 0x$base)))"), at $(printf %x $((address - 0x$base))) in $file"
        done < <(first_of_each <"/proc/${PID[$1]}/maps")
    done
}

# Of a process's maps: where each file begins, ends, and its name.
first_of_each() {
    awk '$6 ~ /^\// { split($1, a, "-"); if (!($6 in begin)) begin[$6] = a[1]; end[$6] = a[2] }
        END { for (file in begin) print begin[file], end[file], file }'
}

# counted NAME COMMAND...: a program whose calls for memory are counted.
counted() {
    local name=$1

    shift
    rm -f "$WORK/$name.heap"
    start "$name" . env LD_PRELOAD="$HEAP_PRELOAD" HEAP_COUNT="$WORK/$name.heap" "$@"
}

session() {
    local way=$1 told send rec from to_load from_load

    shift
    rm -f "$WORK"/{send,rec}.log
    counted rec "$SRTLA_REC" --io "$way" 5000 127.0.0.1 4001
    within 5 listening_udp . 5000 || fail "srtla_rec does not listen"
    counted send "$SRTLA_SEND" --io "$way" "$@" \
        9000 127.0.0.1 5000 "$WORK/ips"
    check "$way: the links come up" within 5 four_links
    start load . bash -c "exec '$BENCH_LOAD' stream 9000 4001 even $RATE <'$WORK/ask' >'$WORK/told'"
    exec {to_load}>"$WORK/ask" {from_load}<"$WORK/told"
    read -r -t 10 told <&"$from_load" || fail "no session"
    sleep $WARM
    check "$way: srtla_send asks for memory when it starts" wants_more send 0
    check "$way: srtla_rec does so as well" wants_more rec 0
    send=$(asked send) rec=$(asked rec)
    counts || fail "the load has ended"
    from=$(figure sent)
    until counts && [ $(($(figure sent) - from)) -ge $PACKETS ]; do sleep 0.2; done
    places send $(($(asked send) - send))
    places rec $(($(asked rec) - rec))
    [ "$(asked send)" = "$send" ] || fail "srtla_send asked for memory $(($(asked send) - send)) times in $PACKETS packets"
    [ "$(asked rec)" = "$rec" ] || fail "srtla_rec asked for memory $(($(asked rec) - rec)) times in $PACKETS packets"
    say "ok: $way: $(($(figure sent) - from)) packets, $(figure acks) ACKs, and no call for memory"
    [ "$(figure acks)" -gt 100 ] || fail "no feedback came back"
    exec {from_load}<&- {to_load}>&-
    wait "${PID[load]}"
    stop send || fail "srtla_send ends with status $?"
    stop rec || fail "srtla_rec ends with status $?"
}

mkfifo "$WORK/ask" "$WORK/told"
uplinks 127.0.1.1 127.0.1.2 127.0.1.3 127.0.1.4
for way in plain mmsg; do session $way; done
session gso --stats-file "$WORK/stats" --stats-file-interval 100
say "passed: heap.sh"
