/* SPDX-License-Identifier: MIT */
#ifndef SENDER_BUNDLE_H
#define SENDER_BUNDLE_H

#include <stdbool.h>
#include <stdio.h>

/*
 * "srtla_send report": one text file with all that somebody needs who is to find out why a stream
 * is not as it should be, and no secret.  argv[0] is "report".  A sysexits code.
 */
int bundle_main(int argc, char **argv);

/*
 * Writes text without the values of streamid= and passphrase=, also where they stand as in JSON.
 * A value ends at a quote, at '&', and, with `words`, at a blank.
 */
void bundle_redact(const char *text, bool words, FILE *to);

#endif
