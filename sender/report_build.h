/* SPDX-License-Identifier: MIT */
#ifndef SENDER_REPORT_BUILD_H
#define SENDER_REPORT_BUILD_H

#include "sender/report.h"

/* The words of a report, by jansson and with the memory that it has been given; NULL without. */
char *report_build(const struct report *r, const struct snapshot *s);

#endif
