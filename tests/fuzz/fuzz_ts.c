/* SPDX-License-Identifier: MIT */

/* SRT packets with a transport stream, each behind two bytes of its length. */
#include "fuzz.h"

#include <string.h>

#include "shared/wire/ts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ts_stream ts;

	ts_init(&ts);
	while (size >= 2) {
		size_t len = (size_t)data[0] << 8 | data[1];
		struct ts_stream before = ts;
		enum ts_part part;
		uint8_t *srt;

		data += 2;
		size -= 2;
		if (len > size)
			len = size;
		srt = malloc(len ? len : 1);
		must(srt);
		memcpy(srt, data, len);
		part = ts_pass(&ts, srt, len);
		must(part == TS_OTHER || part == TS_KEY || part == TS_KEY_HEAD);
		must(ts.key_pid <= TS_NO_PID && ts.marked_pid <= TS_NO_PID);
		/* A key frame can only begin in a clear data packet of whole transport packets. */
		if (len < 16 || srt[0] & 0x80 || srt[4] & 0x18 || (len - 16) % TS_PACKET_LEN != 0)
			must(part == TS_OTHER && memcmp(&before, &ts, sizeof(ts)) == 0);
		if (part == TS_KEY)
			must(before.key_pid != TS_NO_PID);
		free(srt);
		data += len;
		size -= len;
	}
	return 0;
}
