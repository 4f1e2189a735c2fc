/* SPDX-License-Identifier: MIT */

/* A session file of any bytes: what is read from it can be written, and read again. */
#include "fuzz.h"

#include <string.h>

#include "sender/sessionfile.h"

static struct sessionfile file, again;
static char text[SESSIONFILE];

static void assert_sound(void)
{
	must(file.record.whole);
	must(file.host[0] != '\0' && memchr(file.host, '\0', sizeof(file.host)));
	must(file.count <= UPLINKS_MOST);
	must(file.record.encoder.scope == 0 || file.record.encoder.family == FAMILY_V6);
	for (unsigned f = 0; f <= FAMILY_V6; f++)
		must(file.address[f].family == FAMILY_NONE || file.address[f].family == f);
	for (unsigned i = 0; i < file.count; i++) {
		must(memchr(file.link[i].id.device, '\0', UPLINK_DEVICE));
		must(file.link[i].id.local.family != FAMILY_NONE);
		must(sessionfile_port(&file, &file.link[0].id) == file.link[0].port);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (!sessionfile_read(text, &file))
		return 0;
	assert_sound();
	must(sessionfile_print(&file, text) < sizeof(text));
	must(sessionfile_read(text, &again));
	must(memcmp(&file, &again, sizeof(file)) == 0);
	return 0;
}
