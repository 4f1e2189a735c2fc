/* SPDX-License-Identifier: MIT */
#include "tests/unit/wire/bytes.h"

#include "shared/wire/ts.h"

enum { VIDEO_PID = 0x100, AUDIO_PID = 0x101, VIDEO_ID = 0xe0, AUDIO_ID = 0xc0 };

/* What a transport packet of a test shall be; the rest of it is stuffing or payload. */
struct piece {
	uint16_t pid;
	bool start;        /* of a PES packet */
	bool random;       /* random access indicator */
	uint8_t id;        /* stream_id, where it starts */
	uint8_t control;   /* adaptation_field_control: 1 payload, 2 adaptation field, 3 both */
	uint8_t more;      /* bytes of the adaptation field behind its flags */
	uint8_t scrambled; /* transport_scrambling_control */
	bool damaged;
};

static struct ts_stream ts;

static int fresh(void **state)
{
	(void)state;
	ts_init(&ts);
	return 0;
}

static void put_piece(struct bytes *b, const struct piece *c)
{
	uint8_t *p = b->at + b->len;
	size_t off = 4;

	memset(p, 0xff, TS_PACKET_LEN);
	p[0] = 0x47;
	p[1] = (uint8_t)(c->damaged << 7 | c->start << 6 | c->pid >> 8);
	p[2] = (uint8_t)c->pid;
	p[3] = (uint8_t)(c->scrambled << 6 | c->control << 4);
	if (c->control & 2) {
		p[4] = c->control == 2 ? 183 : (uint8_t)(1 + c->more);
		p[5] = c->random ? 0x40 : 0;
		off = 5 + (size_t)p[4];
	}
	if (c->control & 1 && c->start && off + 4 <= TS_PACKET_LEN)
		memcpy(p + off, (uint8_t[]){0, 0, 1, c->id}, 4);
	b->len += TS_PACKET_LEN;
}

static struct bytes carrying(const struct piece *pieces, size_t count)
{
	struct bytes b = data_packet(1000, 0);

	b.at[4] &= 0xe7; /* clear */
	for (size_t i = 0; i < count; i++)
		put_piece(&b, &pieces[i]);
	return b;
}

static enum ts_part pass(const struct bytes *b)
{
	uint8_t *copy = exactly(b->at, b->len);
	enum ts_part part = ts_pass(&ts, copy, b->len);

	free(copy);
	return part;
}

#define PASS(...)                                                                                  \
	pass_pieces((struct piece[]){__VA_ARGS__},                                                 \
		    sizeof((struct piece[]){__VA_ARGS__}) / sizeof(struct piece))

static enum ts_part pass_pieces(const struct piece *pieces, size_t count)
{
	struct bytes b = carrying(pieces, count);

	return pass(&b);
}

#define KEY_FRAME   {.pid = VIDEO_PID, .start = true, .random = true, .id = VIDEO_ID, .control = 3, .more = 6}
#define OTHER_FRAME {.pid = VIDEO_PID, .start = true, .id = VIDEO_ID, .control = 3, .more = 6}
#define VIDEO_MORE  {.pid = VIDEO_PID, .control = 1}
#define AUDIO_FRAME {.pid = AUDIO_PID, .start = true, .random = true, .id = AUDIO_ID, .control = 3}
#define AUDIO_MORE  {.pid = AUDIO_PID, .control = 1}

static void a_key_frame_lasts_until_the_next_frame_of_its_pid(void **state)
{
	(void)state;
	assert_int_equal(PASS(VIDEO_MORE, AUDIO_MORE), TS_OTHER);
	assert_int_equal(PASS(AUDIO_MORE, KEY_FRAME, VIDEO_MORE), TS_KEY_HEAD);
	assert_int_equal(PASS(VIDEO_MORE, VIDEO_MORE), TS_KEY);
	assert_int_equal(PASS(AUDIO_MORE, AUDIO_FRAME), TS_OTHER);
	assert_int_equal(PASS(AUDIO_MORE, VIDEO_MORE), TS_KEY);
	assert_int_equal(PASS(VIDEO_MORE, OTHER_FRAME), TS_KEY);
	assert_int_equal(PASS(VIDEO_MORE, VIDEO_MORE), TS_OTHER);
}

static void audio_marks_each_frame_and_has_no_key_frames(void **state)
{
	(void)state;
	assert_int_equal(PASS(AUDIO_FRAME, AUDIO_MORE), TS_OTHER);
	assert_int_equal(PASS(AUDIO_MORE), TS_OTHER);
}

static void each_number_of_video_stream_is_video(void **state)
{
	struct piece p = KEY_FRAME;

	(void)state;
	for (unsigned id = 0; id < 256; id++) {
		ts_init(&ts);
		p.id = (uint8_t)id;
		assert_int_equal(pass_pieces(&p, 1),
				 id >= 0xe0 && id <= 0xef ? TS_KEY_HEAD : TS_OTHER);
	}
}

static void a_mark_ahead_of_the_frame_counts_for_the_next_that_starts_on_its_pid(void **state)
{
	const struct piece alone = {.pid = VIDEO_PID, .random = true, .control = 2};
	const struct piece amid = {.pid = VIDEO_PID, .random = true, .control = 3, .more = 20};

	(void)state;
	assert_int_equal(PASS(alone), TS_OTHER);
	assert_int_equal(PASS(AUDIO_FRAME, AUDIO_MORE), TS_OTHER);
	assert_int_equal(PASS(OTHER_FRAME), TS_KEY_HEAD);
	assert_int_equal(PASS(OTHER_FRAME), TS_OTHER);
	assert_int_equal(PASS(amid), TS_OTHER);
	assert_int_equal(PASS(OTHER_FRAME), TS_KEY_HEAD);
}

static void an_adaptation_field_of_length_0_has_no_flags(void **state)
{
	struct bytes b = carrying((struct piece[]){OTHER_FRAME}, 1);
	uint8_t *p = b.at + SRT_HEADER_LEN;

	(void)state;
	/* One byte of stuffing, and the payload where the flags would be. */
	p[4] = 0;
	memcpy(p + 5, (uint8_t[]){0, 0, 1, VIDEO_ID}, 4);
	assert_int_equal(pass(&b), TS_OTHER);
	p[5] = 0x40;
	assert_int_equal(pass(&b), TS_OTHER);
}

static void the_longest_adaptation_field_leaves_no_room_for_a_frame(void **state)
{
	struct piece p = KEY_FRAME;

	(void)state;
	p.more = 178; /* four bytes are left: exactly the start code and the stream_id */
	assert_int_equal(pass_pieces(&p, 1), TS_KEY_HEAD);
	for (p.more = 179; p.more <= 183; p.more++) {
		ts_init(&ts);
		assert_int_equal(pass_pieces(&p, 1), TS_OTHER);
	}
	p.control = 2; /* alone, and then it counts for the next frame */
	assert_int_equal(pass_pieces(&p, 1), TS_OTHER);
	assert_int_equal(PASS(OTHER_FRAME), TS_KEY_HEAD);
}

static void what_is_damaged_scrambled_null_or_reserved_is_not_looked_into(void **state)
{
	struct piece p = KEY_FRAME;

	(void)state;
	p.damaged = true;
	assert_int_equal(pass_pieces(&p, 1), TS_OTHER);
	p = (struct piece)KEY_FRAME;
	p.scrambled = 2;
	assert_int_equal(pass_pieces(&p, 1), TS_OTHER);
	p = (struct piece)KEY_FRAME;
	p.pid = 0x1fff;
	assert_int_equal(pass_pieces(&p, 1), TS_OTHER);
	assert_int_equal(PASS(VIDEO_MORE), TS_OTHER);
	p = (struct piece)KEY_FRAME;
	p.control = 0;
	assert_int_equal(pass_pieces(&p, 1), TS_OTHER);
}

static void sections_start_without_being_frames(void **state)
{
	struct bytes b = carrying((struct piece[]){KEY_FRAME}, 1);

	(void)state;
	b.at[SRT_HEADER_LEN + 12 + 2] = 0xb0; /* no 00 00 01 where the payload begins */
	assert_int_equal(pass(&b), TS_OTHER);
}

static void an_encrypted_packet_is_never_looked_into(void **state)
{
	struct bytes b = carrying((struct piece[]){KEY_FRAME, VIDEO_MORE}, 2);

	(void)state;
	for (uint8_t kk = 1; kk <= 3; kk++) {
		b.at[4] = (uint8_t)((b.at[4] & 0xe7) | kk << 3);
		assert_int_equal(pass(&b), TS_OTHER);
	}
	b.at[4] |= 0x04; /* and the R bit is not one of the two */
	b.at[4] &= 0xe7;
	assert_int_equal(pass(&b), TS_KEY_HEAD);
}

static void what_is_no_data_packet_of_whole_transport_packets_changes_nothing(void **state)
{
	struct bytes b = carrying((struct piece[]){KEY_FRAME, VIDEO_MORE}, 2);
	struct bytes bare = data_packet(1000, 0);

	(void)state;
	b.at[0] |= 0x80;
	assert_int_equal(pass(&b), TS_OTHER);
	b.at[0] &= 0x7f;
	b.len--;
	assert_int_equal(pass(&b), TS_OTHER);
	b.len += 2;
	assert_int_equal(pass(&b), TS_OTHER);
	b.len--;
	b.at[SRT_HEADER_LEN + TS_PACKET_LEN] = 0x48;
	assert_int_equal(pass(&b), TS_OTHER);
	assert_int_equal(pass(&bare), TS_OTHER);
	bare.len = 15;
	assert_int_equal(pass(&bare), TS_OTHER);
	assert_int_equal(PASS(VIDEO_MORE), TS_OTHER);
}

static void seven_packets_are_the_usual_load(void **state)
{
	(void)state;
	assert_int_equal(PASS(VIDEO_MORE, VIDEO_MORE, VIDEO_MORE, AUDIO_FRAME, AUDIO_MORE,
			      AUDIO_MORE, KEY_FRAME),
			 TS_KEY_HEAD);
	assert_int_equal(PASS(VIDEO_MORE, VIDEO_MORE, VIDEO_MORE, AUDIO_FRAME, AUDIO_MORE,
			      AUDIO_MORE, OTHER_FRAME),
			 TS_KEY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_key_frame_lasts_until_the_next_frame_of_its_pid, fresh),
		cmocka_unit_test_setup(audio_marks_each_frame_and_has_no_key_frames, fresh),
		cmocka_unit_test_setup(each_number_of_video_stream_is_video, fresh),
		cmocka_unit_test_setup(
			a_mark_ahead_of_the_frame_counts_for_the_next_that_starts_on_its_pid, fresh),
		cmocka_unit_test_setup(an_adaptation_field_of_length_0_has_no_flags, fresh),
		cmocka_unit_test_setup(the_longest_adaptation_field_leaves_no_room_for_a_frame,
				       fresh),
		cmocka_unit_test_setup(
			what_is_damaged_scrambled_null_or_reserved_is_not_looked_into, fresh),
		cmocka_unit_test_setup(sections_start_without_being_frames, fresh),
		cmocka_unit_test_setup(an_encrypted_packet_is_never_looked_into, fresh),
		cmocka_unit_test_setup(
			what_is_no_data_packet_of_whole_transport_packets_changes_nothing, fresh),
		cmocka_unit_test_setup(seven_packets_are_the_usual_load, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
