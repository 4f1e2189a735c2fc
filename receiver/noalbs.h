/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_NOALBS_H
#define RECEIVER_NOALBS_H

#include "receiver/history.h"

/*
 * The shapes in which scene switchers (NOALBS) read how a stream stands: that of one stream, which
 * the asker has to name by its stream id.  Each has its own way to say the same:
 *
 *	          the switcher      by SLS        by BELABOX    by OPENIRL
 *	offline   shows "offline"   no publisher  no publisher  no publisher
 *	starting  leaves the scene  bitrate 0     bitrate 1     bitrate 1
 *	live      compares          kbit/s        kbit/s        kbit/s
 *	stalled   shows "offline"   no publisher  bitrate 0     bitrate 0
 *	ended     shows "offline"   no publisher  no publisher  no publisher
 *
 * A stream that is live but has no rate yet, or none in this very second, leaves the scene too.
 */
enum noalbs_shape {
	NOALBS_SLS,     /* "SrtLiveServer": publishers.<key>, ten fields */
	NOALBS_BELABOX, /* "Belabox": publishers.<key>, three fields */
	NOALBS_OPENIRL, /* "OpenIRL": publisher, and peers */
};

/* From malloc(), *len long; NULL when memory is short, or without jansson. */
char *noalbs_json(const struct scene *scene, const struct history *history, enum noalbs_shape shape,
		  const char *key, ustime now, size_t *len);

/* The same of a stream that looks like this; `v` is NULL where there is none of that key. */
char *noalbs_text(enum noalbs_shape shape, const char *key, const struct receiver_group_view *v,
		  const struct history_group_view *past, size_t *len);

#endif
