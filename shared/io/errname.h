/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_ERRNAME_H
#define SHARED_IO_ERRNAME_H

/*
 * "ENOBUFS": what programs that read our figures know an errno value by, in every language and with
 * every C library.  NULL for what a socket has no business to say.
 */
const char *errname(int err);

#endif
