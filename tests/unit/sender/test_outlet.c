/* SPDX-License-Identifier: MIT */
#include "sender/outlet.h"

#include "tests/unit/sender/door_rig.h"

#include <errno.h>

enum { LEN = 1332, FIRST = 1000 };

static struct host host;
static struct links links;
static struct app app;
static struct keep keep;
static struct outlet outlet;
static int far, encoder;

static void flush(void *arg, ustime now)
{
	(void)arg;
	outlet_flush(&outlet, now);
}

static void apply(const char *text)
{
	struct uplinks list;

	uplinks_parse(&list, text, strlen(text));
	assert_true(links_apply(&links, &list, loop_now(door.loop)));
}

/* The receiver says this over a link. */
static void answer(unsigned port, enum srtla_type type, const uint8_t *id)
{
	struct pkt *p = pkt_get(&door.pool);

	assert_non_null(p);
	put_be16(p->data, (uint16_t)type);
	p->len = 2;
	if (id)
		p->len = (uint16_t)srtla_build_reg(p->data, type, id);
	sender_from_link(door.sender, port, p, loop_now(door.loop), &door.out);
	flush(NULL, loop_now(door.loop));
}

/* The group that it was asked for, with its own half added. */
static void made_group(uint8_t id[SRTLA_ID_LEN])
{
	static struct pkt got;

	while (readable_within(far, 0)) {
		assert_int_equal(udp_recv(far, &got), 0);
		if (srtla_type(got.data, got.len) == SRTLA_REG1)
			break;
	}
	assert_int_equal(srtla_type(got.data, got.len), SRTLA_REG1);
	memcpy(id, got.data + 2, SRTLA_ID_LEN);
	memset(id + SRTLA_HALF_LEN, 0x5a, SRTLA_HALF_LEN);
}

static void hear_all(void)
{
	static struct pkt got;

	while (readable_within(far, 0))
		assert_int_equal(udp_recv(far, &got), 0);
}

/* Two links that are up. */
static int open_rig(void **state)
{
	uint8_t id[SRTLA_ID_LEN];
	struct endpoint failed, listen;

	rig_open(io_of(state));
	listen = at("127.0.0.1", 0);
	far = open_at("127.0.0.1", 0);
	encoder = open_at("127.0.0.9", 0);
	rig_host(&host, port_of(far));
	assert_int_equal(app_open(&app, &listen, 0, &failed), 0);
	assert_int_equal(app_start(&app, &door), 0);
	keep = (struct keep){.due = NEVER};
	outlet = (struct outlet){&door, &app, &links, &host, &keep};
	links_init(&links, &door, &host, "/nowhere", false);
	links.settle = flush;
	apply("127.0.0.2\n127.0.0.3\n");
	flush(NULL, loop_now(door.loop));
	answer(1, SRTLA_REG_NGP, NULL);
	made_group(id);
	answer(1, SRTLA_REG2, id);
	answer(1, SRTLA_REG3, NULL);
	answer(2, SRTLA_REG3, NULL);
	assert_int_equal(view().live, 2);
	hear_all();
	return 0;
}

static int close_rig(void **state)
{
	(void)state;
	links_finish(&links);
	app_close(&app);
	host_finish(&host);
	close(far);
	close(encoder);
	rig_close();
	return 0;
}

/* The encoder sends so many packets. */
static void stream(uint32_t packets)
{
	for (uint32_t i = 0; i < packets; i++) {
		struct pkt *p = data_packet(FIRST + i, LEN);

		p->peer = at("127.0.0.9", port_of(encoder));
		sender_from_app(door.sender, p, loop_now(door.loop), &door.out);
	}
}

/* Each number of the stream came, once; `from` counts those of each link. */
static void assert_stream(uint32_t packets, unsigned from[4])
{
	static struct pkt got;
	bool came[64] = {false};

	memset(from, 0, 4 * sizeof(*from));
	for (uint32_t i = 0; i < packets; i++) {
		uint32_t n;

		assert_true(readable_within(far, 2000));
		assert_int_equal(udp_recv(far, &got), 0);
		assert_int_equal(got.len, LEN);
		n = be32(got.data) - FIRST;
		assert_true(n < packets && !came[n]);
		came[n] = true;
		from[got.peer.addr[3] & 3]++;
	}
	assert_nothing_came(far);
}

static void what_the_core_put_out_leaves_by_the_links_that_it_chose(void **state)
{
	unsigned from[4];

	(void)state;
	stream(40);
	assert_nothing_came(far);
	flush(NULL, loop_now(door.loop));
	assert_stream(40, from);
	assert_true(from[2] > 10 && from[3] > 10);
	assert_int_equal(door.out.packets.count, 0);
}

static void what_one_link_will_not_take_leaves_by_another_in_the_same_turn(void **state)
{
	struct uplink *lame = links_by_port(&links, 1);
	int fd = lame->socket.fd;
	unsigned from[4];

	(void)state;
	stream(40);
	lame->socket.fd = -1; /* it has no socket any more */
	flush(NULL, loop_now(door.loop));
	assert_stream(40, from);
	assert_int_equal(from[3], 40);
	assert_int_equal(view().live, 1);
	assert_true(view().link[0].refused > 10);
	lame->socket.fd = fd;
}

static void what_nobody_will_take_ends_in_a_counter(void **state)
{
	struct uplink *a = links_by_port(&links, 1), *b = links_by_port(&links, 2);
	int fd_a = a->socket.fd, fd_b = b->socket.fd;
	size_t resting = door.pool.in_use;

	(void)state;
	stream(40);
	a->socket.fd = b->socket.fd = -1;
	flush(NULL, loop_now(door.loop));
	assert_int_equal(door.out.packets.count, 0);
	assert_int_equal(view().drops.refused + view().drops.no_link, 40);
	assert_int_equal(door.pool.in_use, resting);
	a->socket.fd = fd_a;
	b->socket.fd = fd_b;
	assert_nothing_came(far);
}

static void packets_for_the_encoder_leave_in_the_same_turn(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 5; i++) {
		struct pkt *p = data_packet(i, LEN);

		p->peer = at("127.0.0.9", port_of(encoder));
		outbox_put(&door.out, 0, p);
	}
	flush(NULL, loop_now(door.loop));
	for (uint32_t i = 0; i < 5; i++)
		assert_came(encoder, i, LEN, NULL);
}

static void a_packet_for_a_link_that_is_no_more_is_counted(void **state)
{
	size_t resting = door.pool.in_use;

	(void)state;
	outbox_put(&door.out, 9, data_packet(1, LEN));
	outbox_put(&door.out, SENDER_LINKS + 1, data_packet(2, LEN));
	flush(NULL, loop_now(door.loop));
	assert_int_equal(door.homeless, 2);
	assert_int_equal(door.pool.in_use, resting);
}

static void a_link_that_is_taken_away_leaves_nothing_behind(void **state)
{
	size_t resting = door.pool.in_use;
	unsigned from[4];

	(void)state;
	stream(40);
	apply("127.0.0.3\n"); /* what was on its way through it is sent first */
	assert_null(links_by_port(&links, 1));
	flush(NULL, loop_now(door.loop));
	assert_stream(40, from);
	assert_int_equal(door.homeless, 0);
	assert_int_equal(door.pool.in_use, resting);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH_IO(what_the_core_put_out_leaves_by_the_links_that_it_chose),
		EACH_IO(what_one_link_will_not_take_leaves_by_another_in_the_same_turn),
		EACH_IO(what_nobody_will_take_ends_in_a_counter),
		EACH_IO(packets_for_the_encoder_leave_in_the_same_turn),
		EACH_IO(a_packet_for_a_link_that_is_no_more_is_counted),
		EACH_IO(a_link_that_is_taken_away_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
