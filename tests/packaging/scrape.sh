#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317 # functions that check() calls
# Prometheus, as Debian has it, scrapes both programs while a stream passes: both are up, promtool has
# nothing to say of what they answer, all alerts are loaded and silent, and every expression of the
# dashboard has an answer.
. "$(dirname "$0")/../netns/lib.sh"

PACKAGING=$HERE/../../packaging/prometheus
PROMETHEUS=http://127.0.0.1:9090

for program in prometheus promtool curl; do
    command -v $program >/dev/null || {
        echo "skipped: no $program" >&2
        exit 77
    }
done

four_links() { [ "$(count_logged send "event=link_up")" = 4 ]; }
ready() { curl -sf "$PROMETHEUS/-/ready" >/dev/null; }
live() { curl -s http://127.0.0.1:5000/metrics | grep -q '^srtla_rec_group_state{.*state="live"} 1'; }
told() { "$HERE/../packaging/prometheus.py" live "$PACKAGING" "$PROMETHEUS" >"$WORK/told" 2>&1; }
clean() {
    curl -sf "http://127.0.0.1:$1/metrics" >"$WORK/metrics" && grep -q '^# TYPE ' "$WORK/metrics" &&
        [ -z "$(promtool check metrics <"$WORK/metrics" 2>&1)" ]
}

# What is an example there, each second and without a place on a disk.
sed 's/_interval: 5s/_interval: 1s/' "$PACKAGING/prometheus.yml" >"$WORK/prometheus.yml"
cp "$PACKAGING/alerts.yml" "$WORK"
start prometheus . prometheus --config.file="$WORK/prometheus.yml" --storage.tsdb.path="$WORK/data" \
    --web.listen-address=127.0.0.1:9090 --log.level=warn
start server . bash -c "srt-live-transmit 'srt://127.0.0.1:4001?mode=listener&latency=$LATENCY' file://con >/dev/null"
uplinks 127.0.1.1 127.0.1.2 127.0.1.3 '127.0.1.4 cap=100M'
start rec . "$SRTLA_REC" 5000 127.0.0.1 4001
start send . "$SRTLA_SEND" 9000 127.0.0.1 5000 "$WORK/ips"
check "the links come up" within 5 four_links
start encoder . bash -c "'$MEDIA' feed 1 4000000 |
    srt-live-transmit -c 1316 file://con 'srt://127.0.0.1:9000?mode=caller&latency=$LATENCY'"
check "a stream is live" within 8 live
check "promtool has nothing to say of the sender" clean 9000
check "promtool has nothing to say of the receiver" clean 5000
check "Prometheus runs" within 8 ready
within 12 told || fail "$(cat "$WORK/told")"
say "ok: both are scraped, and all alerts and expressions have what they ask for: $(cat "$WORK/told")"
stop prometheus || fail "Prometheus ends with status $?"
finish
