/* SPDX-License-Identifier: MIT */
#ifndef SHARED_IO_BUFFERS_H
#define SHARED_IO_BUFFERS_H

/*
 * Says so when the system gave a socket less room than was asked for, and which of its limits
 * did it, for that is where packets get lost and nothing else shows it.  Bytes, 0: none were
 * asked for.  Each direction is worth one line in the life of a program.
 */
void buffers_check(int fd, int receive_wanted, int send_wanted);

#endif
