/* SPDX-License-Identifier: MIT */

/* One keepalive: read, built again, and answered. */
#include "fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "shared/base/seq.h"
#include "shared/wire/be.h"
#include "shared/wire/keepalive.h"

enum { CAP = 2048, HELLO_BYTES = 6 };

static void build(const uint8_t *data, const struct keepalive *k)
{
	uint8_t again[KEEPALIVE_MOST];
	struct keepalive back;
	size_t len = keepalive_build(again, k);

	if (k->idle)
		must(len == (k->greets ? KEEPALIVE_MOST : KEEPALIVE_MARK));
	else
		must(len == (k->greets ? KEEPALIVE_HELLO : KEEPALIVE_EXTENDED));
	if (be32(data + 26) == k->srtt) /* else it came in microseconds */
		must(memcmp(again, data, KEEPALIVE_EXTENDED) == 0);
	must(keepalive_parse(again, len, &back));
	must(back.extended && back.greets == k->greets);
	must(back.hello.role == k->hello.role && back.hello.version == k->hello.version);
	must(back.hello.abilities == k->hello.abilities && back.time == k->time);
	must(back.idle == k->idle && back.idle_seq == k->idle_seq);
}

static void answer(const uint8_t *data, size_t len, bool asks)
{
	static uint8_t reply[CAP];
	struct keepalive k;
	size_t changed = 0;

	memcpy(reply, data, len);
	must(keepalive_answer(reply, len, 0xa5a5a5a5) == asks);
	must(memcmp(reply, data, len < KEEPALIVE_EXTENDED ? len : KEEPALIVE_EXTENDED) == 0);
	for (size_t i = 0; i < len; i++)
		changed += reply[i] != data[i];
	must(changed <= (asks ? HELLO_BYTES : 0));
	if (!asks)
		return;
	must(keepalive_parse(reply, len, &k) && k.greets);
	must(k.hello.role == KEEPALIVE_ROLE_RECEIVER && k.hello.version == KEEPALIVE_VERSION);
	must(k.hello.abilities == 0xa5a5a5a5);
	must(!keepalive_answer(reply, len, 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct keepalive k;
	bool ok = keepalive_parse(data, len, &k);

	must(ok == (len >= 2 && be16(data) == 0x9000));
	if (len > CAP)
		return 0;
	answer(data, len, ok && k.greets && k.hello.role == KEEPALIVE_ROLE_SENDER);
	if (!ok)
		return 0;
	must(k.timed == (len >= KEEPALIVE_TIMED));
	must(!k.extended || len >= KEEPALIVE_EXTENDED);
	must(!k.greets || (k.extended && len >= KEEPALIVE_HELLO));
	must(!k.idle || (k.extended && len >= KEEPALIVE_MARK));
	must(k.idle_seq <= SEQ_NONE);
	if (k.extended)
		build(data, &k);
	return 0;
}
