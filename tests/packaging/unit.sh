#!/bin/sh
# SPDX-License-Identifier: MIT
# unit.sh TEMPLATE PROGRAM: systemd reads the unit without a complaint, and finds it well shut in.
set -eu

command -v systemd-analyze >/dev/null || {
    echo "skipped: no systemd-analyze" >&2
    exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sed "s|@bindir@/srtla_rec|$(realpath "$2")|" "$1" >"$work/srtla_rec.service"

said=$(systemd-analyze verify --man=no "$work/srtla_rec.service" 2>&1) || {
    echo "$said" >&2
    exit 1
}
if [ -n "$said" ]; then
    echo "systemd complains: $said" >&2
    exit 1
fi
# 1.5, in tenths; a unit without any of its lines has 9.6.
systemd-analyze security --offline=true --threshold=15 "$work/srtla_rec.service" | tail -n 1
