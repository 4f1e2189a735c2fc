#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# F21: packets in bulk on a link whose queue is full, or whose device cannot do everything.
. "$(dirname "$0")/lib.sh"

roads 1
known() { ip -n car neigh show 10.9.1.1 | grep -q lladdr; }
in_ns car bash -c 'echo hello >/dev/udp/10.9.1.1/9'
check "the neighbours know each other" within 5 known
in_ns car "$IO_QUEUE" || fail "packets in bulk and a full queue"
say "passed: $(basename "$0")"
