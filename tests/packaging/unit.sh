#!/bin/sh
# SPDX-License-Identifier: MIT
# unit.sh PROGRAM EXPOSURE UNIT...: systemd reads the units, each of which is as it is installed but
# for the place of PROGRAM, without a complaint, and finds the first shut in so well: tenths, as in
# 12 for 1.2. Each line that it misses for that is named. A unit with none of its lines has 9.6.
set -eu

command -v systemd-analyze >/dev/null || {
    echo "skipped: no systemd-analyze" >&2
    exit 77
}
program=$(realpath "$1")
most=$2
unit=$3
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for file in "$@"; do
    name=$(basename "$file" .in)
    sed "s|^ExecStart=[^ ]*|ExecStart=$program|" "$file" >"$work/$name"
done
name=$(basename "$unit" .in)

# Of a template, an instance is what runs.
case $name in
*@.*) seen=${name%%@*}@main.${name##*.} ;;
*) seen=$name ;;
esac
said=$(cd "$work" && systemd-analyze verify --man=no "./$seen" 2>&1) || {
    echo "$said" >&2
    exit 1
}
if [ -n "$said" ]; then
    echo "systemd complains: $said" >&2
    exit 1
fi
said=$(cd "$work" && systemd-analyze security --no-pager --offline=true --threshold="$most" "./$name") || {
    echo "$said" | grep -v '✓' >&2
    exit 1
}
echo "$said" | tail -n 1
