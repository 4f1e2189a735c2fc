#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh TARGET CORPUS SCRATCH SECONDS MAX_LEN: let one libFuzzer target search for a while.
# What it finds stays in SCRATCH and is searched on from the next time; the tree's corpus is
# only read.  An input that takes a second, or 256 MiB, is a failure like any other.
set -eu

target=$1 corpus=$2 scratch=$3 seconds=$4 max_len=$5

mkdir -p "$scratch/corpus"
# The quarantine of freed memory would fill the limit by itself.
ASAN_OPTIONS="quarantine_size_mb=16${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
export ASAN_OPTIONS
exec "$target" -max_total_time="$seconds" -timeout=1 -rss_limit_mb=256 -max_len="$max_len" \
	-print_final_stats=1 -artifact_prefix="$scratch/" "$scratch/corpus" "$corpus"
