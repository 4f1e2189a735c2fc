/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_STATEWORD_H
#define SHARED_IO_STATEWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shared/base/endpoint.h"
#include "shared/base/time.h"
#include "shared/io/boot.h"

/*
 * The words that state files are made of.  A reader answers false for a word that will not
 * do; what it has filled in by then means nothing.
 */
enum { STATEWORD_ADDRESS = 96 };

/* "192.0.2.7/50001", "fe80::7%2/50001", "-" for none. */
const char *stateword_address(const struct endpoint *ep, char text[STATEWORD_ADDRESS]);

/* The reverse; it cuts the text up. */
bool stateword_read_address(char *text, struct endpoint *ep);

bool stateword_read_u32(const char *text, uint32_t *out);
bool stateword_read_u16(const char *text, uint16_t *out);

/*
 * The first line of a file, which its title begins:
 *
 *	srtla_rec groups 1 boot=<32 hex digits> at=<microseconds since boot>
 */
enum { STATEWORD_TITLE = 128 };

/* With its line end.  Returns the length. */
size_t stateword_title(const char *title, const uint8_t boot[BOOT_ID], usspan since_boot,
		       char line[STATEWORD_TITLE]);

enum stateword_verdict {
	STATEWORD_FOREIGN, /* no file of this title */
	STATEWORD_OLD,     /* of another boot, or of a time that has not come */
	STATEWORD_GOOD,
};

/* Judges such a line, without its end; *age is how long ago it was written, if it is good. */
enum stateword_verdict stateword_read_title(const char *line, const char *title,
					    const uint8_t boot[BOOT_ID], usspan since_boot,
					    usspan *age);

#endif
