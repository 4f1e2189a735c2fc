/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BENCH_WIRE_CASES_H
#define TESTS_BENCH_WIRE_CASES_H

/* One thing that the codec does, n times over.  wire_samples_init() comes first. */
struct wire_case {
	const char *name;
	void (*run)(unsigned n);
	unsigned goal; /* ns on an idle machine; 0: none */
};

/* A case without a name ends each list. */
extern const struct wire_case wire_parse_cases[];
extern const struct wire_case wire_build_cases[];

/* What the gate counts the instructions of. */
void wire_forward_sender(unsigned n);
void wire_forward_receiver(unsigned n);
void wire_build_keepalive(unsigned n);
void wire_build_ack(unsigned n);
void wire_build_report(unsigned n);
void wire_read_report(unsigned n);

#endif
