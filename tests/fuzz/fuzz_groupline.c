/* SPDX-License-Identifier: MIT */

/* A line of a groups file of any bytes: what is read from it can be written, and read again. */
#include "fuzz.h"

#include <string.h>

#include "receiver/groupline.h"

static struct receiver_record rec, again;
static char line[GROUPLINE];

static void assert_sound(void)
{
	must(rec.port > 0);
	must(rec.count <= RECEIVER_MEMBERS);
	must(rec.origin.family != FAMILY_NONE);
	must(!rec.timed || rec.stamped >= 0);
	for (unsigned i = 0; i < rec.count; i++) {
		must(rec.member[i].family != FAMILY_NONE);
		must(rec.member[i].scope == 0 || rec.member[i].family == FAMILY_V6);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint16_t local, once_more;

	if (size >= sizeof(line))
		return 0;
	memcpy(line, data, size);
	line[size] = '\0';
	if (!groupline_read(line, &rec, &local))
		return 0;
	assert_sound();
	must(groupline_print(&rec, local, line) < sizeof(line));
	must(groupline_read(line, &again, &once_more));
	must(local == once_more);
	must(memcmp(&rec, &again, sizeof(rec)) == 0);
	return 0;
}
