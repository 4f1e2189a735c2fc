#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What a packet costs in user space, on the loopback of a network namespace of its own.
# own_instructions.sh VALGRIND LOAD [OPTION...]; own_instructions.py tells them.
. "$(dirname "$0")/../netns/lib.sh"

export SRTLA_SEND SRTLA_REC WORK
exec python3 -B "$HERE/../bench/own_instructions.py" "$@"
