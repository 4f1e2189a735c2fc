/* SPDX-License-Identifier: MIT */
#ifndef SENDER_DOCTOR_H
#define SENDER_DOCTOR_H

/*
 * "srtla_send doctor HOST PORT [BIND_IPS_FILE]": whether each uplink can carry a stream to that
 * receiver, and what to type where not.  argv[0] is "doctor".  A sysexits code: 0 only if every
 * link is usable.
 */
int doctor_main(int argc, char **argv);

#endif
