#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317 # functions that check() calls
# Which scene a switcher shows while a stream is offline, starting, live, stalled, live again and ended,
# by each of the three shapes; and what SRT servers, monitors and the status page read then.
. "$(dirname "$0")/lib.sh"

KEY='publish/live/feed 1#é' # what has to be escaped on its way
SCENES=()                  # in all three shapes, as time went by

look() { in_ns road "$HERE/noalbs.py" 5000 "${1-$KEY}" >"$WORK/scenes"; }
get() { in_ns road curl -sf "http://127.0.0.1:5000/$1"; }

# all_show SCENE: each of the shapes does.
all_show() { look && [ "$(grep -c " $1 " "$WORK/scenes")" = 3 ]; }
rates() { awk '{ print $3 }' "$WORK/scenes" | tr '\n' ' '; }

# One text of the stats does for a quarter of a second.
said() { [ "$(get stats | "$MEDIA" count /dev/stdin groups state "$1")" = 1 ]; }

# shows STATE SCENE RATES: within three seconds the stream is in that state, and shown so.
shows() {
    within 3 all_show "$2" || { cat "$WORK/scenes"; fail "a stream that is $1 does not show the scene $2"; }
    [ "$3" = any ] || [ "$(rates)" = "$3 " ] || fail "$1: the bitrates are $(rates), not $3"
    [ "$1" = offline ] || within 1 said "$1" || fail "the stats do not say $1"
    SCENES+=("$1")
    say "ok: $1 shows as $2, bitrates $(rates)"
}

near() { look && awk '$3 < 3600 || $3 > 4800 { bad = 1 } END { exit bad }' "$WORK/scenes"; }

roads 2
uplinks 10.9.1.2%m1 10.9.2.2%m2
start_server
start_rec
start_send 10.9.0.1
check "the links come up" within 5 links_up 2
shows offline offline "- - -"

# It calls, and has nothing to send yet.
start encoder car bash -c "{ until [ -e '$WORK/go' ]; do sleep 0.05; done; '$MEDIA' feed 1 4000000; } |
    srt-live-transmit -c 1316 file://con 'srt://127.0.0.1:9000?mode=caller&latency=$LATENCY&streamid=$KEY'"
shows starting previous "0 1 1"
touch "$WORK/go"
check "media flows" within 8 flows 1
check "live, each shape tells some 4000 kbit/s" within 5 near
shows live normal any
say "in $(awk '{ print $4 }' "$WORK/scenes" | tr '\n' ' ')ms"

look "publish/live/feed"
! grep -qv " offline - " "$WORK/scenes" || fail "a part of a key is taken for the key"
for page in stats history metrics events; do
    get $page >"$WORK/page-$page" || fail "/$page is not to be had"
    ! grep -q 'feed' "$WORK/page-$page" || fail "the stream's key stands in /$page"
done
say "ok: the key is told to nobody who does not know it"
if command -v promtool >/dev/null; then
    promtool check metrics <"$WORK/page-metrics" >"$WORK/promtool.txt" 2>&1 || fail "promtool: $(cat "$WORK/promtool.txt")"
    [ ! -s "$WORK/promtool.txt" ] || fail "promtool: $(cat "$WORK/promtool.txt")"
    say "ok: promtool finds nothing to say"
fi

python3 - "$WORK/page-stats" <<'END' || fail "the links do not add up"
import json, sys
g = json.load(open(sys.argv[1], encoding="utf-8"))["groups"][0]
parts = sum(m["bitrate_bps"] for m in g["members"])
print(f'links {parts} of {g["received_bps"]} bit/s, {g["bitrate_bps"]} forwarded')
assert g["received_bps"] > 3.6e6 and abs(parts - g["received_bps"]) <= g["received_bps"] / 100
assert abs(sum(m["share_permille"] for m in g["members"]) - 1000) <= 10
END
say "ok: what the links bring is the group's to 1 %"

file=$(in_ns road sh -c 'echo /run/srtla_rec/srtla-group-*')
port=$(in_ns road ss -Hnu "dport = :4001" | awk '{ sub(".*:", "", $(NF - 1)); print $(NF - 1) }')
[ "$file" = "/run/srtla_rec/srtla-group-$port" ] || fail "the group's file is $file, its port $port"
[ "$(sort "$file")" = "10.9.1.2
10.9.2.2" ] || fail "in the group's file is $(cat "$file")"
say "ok: the SRT server finds both addresses in $file"

signal encoder STOP
shows stalled offline "- 0 0"
signal encoder CONT
shows live normal any

signal encoder INT
shows ended offline "- - -"
wait "${PID[encoder]}" 2>/dev/null
unset "PID[encoder]"
[ "${SCENES[*]}" = "offline starting live stalled live ended" ] || fail "the states were ${SCENES[*]}"
stop rec || fail "srtla_rec ends with status $?"
[ ! -e "$file" ] || fail "the group's file is left"
say "ok: the group's file has gone with the receiver"
! logged rec 'AddressSanitizer|LeakSanitizer|runtime error:' || fail "rec: sanitizer"
unset "PID[rec]"
finish
