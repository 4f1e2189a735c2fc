/* SPDX-License-Identifier: MIT */
#ifndef LAB_EMULATOR_REPORT_H
#define LAB_EMULATOR_REPORT_H

#include <stdio.h>

#include "lab/emulator/emulator.h"

/* What happened since the start, as JSON, when the run is over.  False if it cannot be written. */
bool report_write(struct emulator *e, FILE *out);

#endif
