#!/bin/sh
# SPDX-License-Identifier: MIT
# prometheus.sh DIR MANUALS TEST_METRICS: the alerts and the dashboard of DIR name metrics that there
# are, each alert is silent when it should be and heard when it should be, and promtool(1) has
# nothing to say of the sender's metrics, of which TEST_METRICS prints some of each kind.
set -eu

command -v promtool >/dev/null || {
    echo "skipped: no promtool" >&2
    exit 77
}
here=$(dirname "$(realpath "$0")")
"$here/prometheus.py" files "$1" "$2/srtla_send.1" "$2/srtla_rec.1"
promtool check config "$1/prometheus.yml"
promtool test rules "$1/alerts_test.yml"
metrics=$("$3" print)
said=$(echo "$metrics" | promtool check metrics 2>&1) || said="$said (status $?)"
if [ -z "$metrics" ] || [ -n "$said" ]; then
    echo "promtool complains: $said" >&2
    exit 1
fi
