/* SPDX-License-Identifier: MIT */
#include "tests/bench/stores.h"

/* In a file of its own, so that it is called as the codec is; volatile: eleven stores, no fewer. */
size_t stores_44(uint8_t *buf, uint32_t value)
{
	volatile uint32_t *at = (volatile uint32_t *)(void *)buf;

	at[0] = value;
	at[1] = value + 1;
	at[2] = value + 2;
	at[3] = value + 3;
	at[4] = value + 4;
	at[5] = value + 5;
	at[6] = value + 6;
	at[7] = value + 7;
	at[8] = value + 8;
	at[9] = value + 9;
	at[10] = value + 10;
	return 44;
}
