#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# fingerprint.sh: the same seed gives the same run, to the microsecond of each delivery, whichever
# compiler and optimisation made the simulator.
set -uo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

rooms=(shared/base shared/wire shared/estimate sender/core receiver/core lab tests/sim)

# What the simulator is made of, of one room.
sources() {
    local file

    for file in "$top/$1"/*.c; do
        case ${file##*/} in
        test_* | classic_* | speed.c | *_json.c) ;;
        *) echo "$file" ;;
        esac
    done
}

# build COMPILER LEVEL: the simulator and fingerprint.c, each room beside its own objects.
build() {
    local dir=$work/$1$2 room

    for room in "${rooms[@]}"; do
        mkdir -p "$dir/$room"
        (cd "$dir/$room" && sources "$room" |
            xargs -P 2 -n 12 "$1" -std=c11 "-O$2" -ffp-contract=off -D_GNU_SOURCE -I"$top" -c) ||
            return 1
    done
    find "$dir" -name '*.o' -print0 | xargs -0 "$1" -o "$dir/fingerprint"
}

first=
for way in gcc:2 gcc:0 clang:2 clang:0; do
    build "${way%:*}" "${way#*:}" || { echo "FAILED: ${way/:/ -O} does not build" >&2; exit 1; }
    prints=$("$work/${way%:*}${way#*:}/fingerprint" "$top/lab/scenarios") ||
        { echo "FAILED: ${way/:/ -O} ends with $?" >&2; exit 1; }
    first=${first:-$prints}
    echo "${way/:/ -O}: $(cksum <<<"$prints")"
    if [ "$prints" != "$first" ]; then
        diff <(echo "$first") <(echo "$prints")
        echo "FAILED: ${way/:/ -O} drives otherwise than gcc -O2" >&2
        exit 1
    fi
done
[ "$(wc -l <<<"$first")" -ge 5 ] || { echo "FAILED: too few scenarios were driven" >&2; exit 1; }
