/* SPDX-License-Identifier: MIT */
#ifndef SHARED_BASE_FLOW_H
#define SHARED_BASE_FLOW_H

/* What a packet is to those who count how long packets take here: some hurry more than others. */
enum flow {
	FLOW_CONTROL,        /* SRT control */
	FLOW_RETRANSMISSION, /* data that was sent before */
	FLOW_DATA,
	FLOWS,
};

/* "control", "retransmission", "data". */
static inline const char *flow_name(enum flow f)
{
	static const char *const names[FLOWS] = {"control", "retransmission", "data"};

	return names[f];
}

#endif
