/* SPDX-License-Identifier: MIT */
#include "shared/io/ancillary.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>

/* Control messages as the kernel would hand them over, one behind the other. */
struct bag {
	struct msghdr msg;
	_Alignas(struct cmsghdr) char room[512];
};

static void add(struct bag *b, int level, int type, const void *data, size_t len)
{
	struct cmsghdr *c = (struct cmsghdr *)(void *)(b->room + b->msg.msg_controllen);

	b->msg.msg_control = b->room;
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
	b->msg.msg_controllen += CMSG_SPACE(len);
}

static struct endpoint address(const char *text)
{
	struct endpoint ep;

	assert_true(endpoint_parse(text, &ep));
	return ep;
}

static void add_v4(struct bag *b, const char *to, const char *answer_from)
{
	struct endpoint addr = address(to), spec = address(answer_from);
	struct in_pktinfo info = {.ipi_ifindex = 7};

	memcpy(&info.ipi_addr, addr.addr, sizeof(info.ipi_addr));
	memcpy(&info.ipi_spec_dst, spec.addr, sizeof(info.ipi_spec_dst));
	add(b, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
}

static void add_v6(struct bag *b, const char *to)
{
	struct endpoint addr = address(to);
	struct in6_pktinfo info = {.ipi6_ifindex = 7};

	memcpy(&info.ipi6_addr, addr.addr, sizeof(info.ipi6_addr));
	add(b, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
}

static void nothing_beside_a_datagram_is_nothing_known(void **state)
{
	struct ancillary_news news = {.stamped = true, .segment = 5, .local = address("192.0.2.1")};
	struct msghdr msg = {0};

	(void)state;
	ancillary_read(&msg, &news);
	assert_false(news.stamped);
	assert_int_equal(news.segment, 0);
	assert_int_equal(news.local.family, FAMILY_NONE);
}

static void all_that_the_kernel_tells_is_read_in_any_order(void **state)
{
	const struct timespec stamp = {1763762400, 123456789};
	const struct endpoint want = address("192.0.2.1");
	const int segment = 1332, drops = 17;

	(void)state;
	for (unsigned first = 0; first < 4; first++) {
		struct ancillary_news news;
		struct bag b = {0};

		for (unsigned i = first; i < first + 4; i++) {
			if (i % 4 == 0)
				add(&b, SOL_SOCKET, SCM_TIMESTAMPNS, &stamp, sizeof(stamp));
			else if (i % 4 == 1)
				add(&b, IPPROTO_UDP, UDP_GRO, &segment, sizeof(segment));
			else if (i % 4 == 2) /* as to a broadcast address */
				add_v4(&b, "192.0.2.255", "192.0.2.1");
			else
				add(&b, SOL_SOCKET, SO_RXQ_OVFL, &drops, sizeof(drops));
		}
		ancillary_read(&b.msg, &news);
		assert_true(news.stamped);
		assert_int_equal(news.stamp.tv_sec, stamp.tv_sec);
		assert_int_equal(news.stamp.tv_nsec, stamp.tv_nsec);
		assert_int_equal(news.segment, 1332);
		assert_true(endpoint_equal(&news.local, &want));
		assert_int_equal(news.local.port, 0);
	}
}

static void only_a_link_local_address_has_its_interface(void **state)
{
	struct ancillary_news news;
	struct bag far = {0}, near = {0}, mapped = {0};
	struct endpoint want = address("2001:db8::1");

	(void)state;
	add_v6(&far, "2001:db8::1");
	ancillary_read(&far.msg, &news);
	assert_true(endpoint_equal(&news.local, &want));
	assert_int_equal(news.local.scope, 0);

	add_v6(&near, "fe80::1");
	ancillary_read(&near.msg, &news);
	assert_int_equal(news.local.scope, 7);

	want = address("192.0.2.9"); /* what a dual-stack socket says of IPv4 */
	add_v6(&mapped, "::ffff:192.0.2.9");
	ancillary_read(&mapped.msg, &news);
	assert_true(endpoint_equal(&news.local, &want));
	assert_int_equal(news.local.family, FAMILY_V4);
}

static void a_segment_length_that_makes_no_sense_is_none(void **state)
{
	const int lengths[] = {0, -1, INT32_MIN};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct ancillary_news news;
		struct bag b = {0};

		add(&b, IPPROTO_UDP, UDP_GRO, &lengths[i], sizeof(int));
		ancillary_read(&b.msg, &news);
		assert_int_equal(news.segment, 0);
	}
}

static void what_is_put_reads_back_for_each_family(void **state)
{
	const char *const texts[] = {"192.0.2.7", "2001:db8::7", "fe80::7"};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct endpoint local = address(texts[i]);
		union ancillary room;
		struct msghdr msg = {0};
		struct ancillary_news news;
		struct cmsghdr *c;
		uint16_t bytes;

		if (i == 2)
			local.scope = 3;
		ancillary_put_local(&msg, &room, &local);
		ancillary_put_segment(&msg, &room, 1332);
		assert_true(msg.msg_controllen <= sizeof(room));
		ancillary_read(&msg, &news);
		assert_true(endpoint_equal(&news.local, &local));
		assert_int_equal(news.local.scope, local.scope);
		c = CMSG_NXTHDR(&msg, CMSG_FIRSTHDR(&msg));
		assert_non_null(c);
		assert_int_equal(c->cmsg_level, IPPROTO_UDP);
		assert_int_equal(c->cmsg_type, UDP_SEGMENT);
		assert_int_equal(c->cmsg_len, CMSG_LEN(sizeof(bytes)));
		memcpy(&bytes, CMSG_DATA(c), sizeof(bytes));
		assert_int_equal(bytes, 1332);
		assert_null(CMSG_NXTHDR(&msg, c));
	}
}

static void there_is_room_for_all_that_one_datagram_brings(void **state)
{
	const struct timespec stamp = {1, 2};
	const int segment = 100;
	struct bag b = {0};

	(void)state;
	add(&b, SOL_SOCKET, SCM_TIMESTAMPNS, &stamp, sizeof(stamp));
	add_v4(&b, "192.0.2.1", "192.0.2.1"); /* a dual-stack socket tells both */
	add_v6(&b, "::ffff:192.0.2.1");
	add(&b, IPPROTO_UDP, UDP_GRO, &segment, sizeof(segment));
	assert_true(b.msg.msg_controllen <= sizeof(union ancillary));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_beside_a_datagram_is_nothing_known),
		cmocka_unit_test(all_that_the_kernel_tells_is_read_in_any_order),
		cmocka_unit_test(only_a_link_local_address_has_its_interface),
		cmocka_unit_test(a_segment_length_that_makes_no_sense_is_none),
		cmocka_unit_test(what_is_put_reads_back_for_each_family),
		cmocka_unit_test(there_is_room_for_all_that_one_datagram_brings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
