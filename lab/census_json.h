/* SPDX-License-Identifier: MIT */
#ifndef LAB_CENSUS_JSON_H
#define LAB_CENSUS_JSON_H

#include <jansson.h>

#include "lab/census.h"
#include "lab/tally.h"

/*
 * What was measured, for other programs: spans in ms or s as the names say,
 * rates in Mbit/s, links from 1 on.  NULL when memory is short.
 */
json_t *census_json(const struct census *c);
json_t *tally_json(const struct tally *t);

#endif
