#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a packet costs in the real programs on the loopback of a network namespace of their own.
# bench_io.sh LOAD [OPTION...]; bench_io.py --help tells them.
. "$(dirname "$0")/../netns/lib.sh"

export SRTLA_SEND SRTLA_REC WORK
exec python3 -B "$HERE/../bench/bench_io.py" "$@"
