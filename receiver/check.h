/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CHECK_H
#define RECEIVER_CHECK_H

/*
 * "srtla_rec check [OPTIONS AND ARGUMENTS OF srtla_rec]": prints the URLs for senders, players and
 * scene switchers, and tries whether the public port and the SRT server answer.  argv[0] is
 * "check".  A sysexits code.
 */
int check_main(int argc, char **argv);

#endif
