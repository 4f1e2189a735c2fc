/* SPDX-License-Identifier: MIT */
#include "tests/sim/foreign_profiles.h"

#include <string.h>

/* Receivers, by what they do. */
static const struct {
	const char *name;
	struct foreign_receiver_traits traits;
} receivers[] = {
	{"eight_links_and_short_answers",
	 {.reply_len = 2, .links = 8, .link_timeout = SEC(10), .group_timeout = SEC(10),
	  .half_made = SEC(10), .refusal_ends_group = true}},
	{"padding_and_broadcast_naks",
	 {.reply_len = 32, .links = 16, .naks_to_all = true, .link_timeout = SEC(15),
	  .group_timeout = SEC(30), .half_made = SEC(5), .refusal_ends_group = true, .pads = true,
	  .probe_len = 32}},
	{"throttled_acks_and_little_patience",
	 {.reply_len = 32, .links = 16, .acks = ACKS_THROTTLED, .naks_to_all = true,
	  .link_timeout = SEC(4), .group_timeout = SEC(4), .half_made = SEC(4),
	  .refusal_ends_group = true, .pads = true}},
	{"no_acks_and_replies_that_follow_keepalives",
	 {.reply_len = 2, .links = 16, .acks = ACKS_NEVER, .link_timeout = SEC(10),
	  .group_timeout = SEC(10), .half_made = SEC(10), .refusal_ends_group = true,
	  .keepalives_lead = true}},
	{"little_patience_and_keepalives_of_its_own",
	 {.reply_len = 2, .links = 16, .naks_to_all = true, .link_timeout = SEC(4),
	  .group_timeout = SEC(4), .half_made = SEC(4), .refusal_ends_group = true,
	  .probe_len = 2}},
	{"malformed_acks_and_no_echoes",
	 {.reply_len = 2, .links = 64, .acks = ACKS_MALFORMED, .link_timeout = NEVER,
	  .half_made = SEC(10), .server_patience = SEC(5), .refusal_ends_group = true,
	  .forwards_keepalives = true}},
	{"no_limits_and_groups_that_end_with_their_links",
	 {.reply_len = 2, .links = 64, .naks_to_all = true, .link_timeout = SEC(10),
	  .half_made = SEC(10)}},
	{"each_tenth_acked_and_all_to_everyone",
	 {.reply_len = 2, .links = 64, .naks_to_all = true, .link_timeout = SEC(10),
	  .group_timeout = SEC(10), .half_made = SEC(10)}},
	{"echoes_of_38_bytes",
	 {.reply_len = 2, .links = 16, .link_timeout = SEC(10), .group_timeout = SEC(10),
	  .half_made = SEC(10), .echo_most = 38}},
};

/* Senders likewise. */
static const struct {
	const char *name;
	struct foreign_sender_traits traits;
} senders[] = {
	{"probes_then_repeats_reg1_each_second",
	 {.first = FIRST_PROBES, .repeats_reg1 = true, .repeats_reg2 = true, .checks_half = true,
	  .keepalive_len = 2, .keepalive_idle = true, .link_timeout = SEC(4), .err_is_life = true,
	  .ack_copies = 1}},
	{"telemetry_and_new_ports_and_doubled_acks",
	 {.first = FIRST_WAITS, .repeats_reg2 = true, .keepalive_len = 38, .link_timeout = SEC(5),
	  .reopen = SEC(5), .err_ends_link = true, .ack_copies = 2}},
	{"telemetry_and_each_ack_once",
	 {.first = FIRST_WAITS, .repeats_reg2 = true, .keepalive_len = 38, .link_timeout = SEC(15),
	  .reopen = SEC(5)}},
	{"ten_byte_keepalives_and_nothing_twice",
	 {.first = FIRST_PROBES_ONE, .checks_half = true, .keepalive_len = 10,
	  .link_timeout = SEC(5), .reopen = SEC(5), .start_over = SEC(5), .ack_copies = 1}},
	{"asks_at_once_and_goes_round",
	 {.first = FIRST_ASKS, .repeats_reg1 = true, .repeats_reg2 = true, .checks_half = true,
	  .keepalive_len = 2, .link_timeout = SEC(15), .round_robin = true, .ack_copies = 1}},
};

const struct foreign_receiver_traits *foreign_receiver_named(const char *name)
{
	for (size_t i = 0; i < sizeof(receivers) / sizeof(receivers[0]); i++)
		if (strcmp(receivers[i].name, name) == 0)
			return &receivers[i].traits;
	return NULL;
}

const struct foreign_sender_traits *foreign_sender_named(const char *name)
{
	for (size_t i = 0; i < sizeof(senders) / sizeof(senders[0]); i++)
		if (strcmp(senders[i].name, name) == 0)
			return &senders[i].traits;
	return NULL;
}
