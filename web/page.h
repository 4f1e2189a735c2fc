/* SPDX-License-Identifier: MIT */
#ifndef WEB_PAGE_H
#define WEB_PAGE_H

#include <stddef.h>

/*
 * The status page, one document with all that it needs in it, compressed by gzip; web/page.py makes
 * it of the files of this folder when the programs are built.
 */
extern const unsigned char page_gzip[];
extern const size_t page_gzip_len;

/* Its Content-Security-Policy: its own scripts and styles, by their hashes, and its own server. */
extern const char page_policy[];

#endif
