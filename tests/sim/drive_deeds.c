/* SPDX-License-Identifier: MIT */
#include "tests/sim/drive_inside.h"

#include <stdio.h>

/* What happens to the programs. */

static void start_receiver(void *who, void *what)
{
	struct stage *st = who;

	(void)what;
	site_start_receiver(&st->site, true);
}

static void start_server(void *who, void *what)
{
	struct stage *st = who;

	(void)what;
	site_start_server(&st->site);
}

static void start_sender(void *who, void *what)
{
	(void)what;
	bond_start_sender(who);
}

static void start_encoder(void *who, void *what)
{
	(void)what;
	srt_caller_start(&((struct bond *)who)->caller);
}

static void readdress(struct stage *st, struct bond *b, unsigned link)
{
	char text[ENDPOINT_TEXT];

	snprintf(text, sizeof(text), "198.19.%u.%u", b->number, ++st->readdressed % 254 + 1);
	bond_readdress(b, link, text);
}

struct sender_terms drive_terms(const struct scenario_terms *t)
{
	_Static_assert((int)ROLE_OVERFLOW == SENDER_OVERFLOW && (int)ROLE_BACKUP == SENDER_BACKUP &&
			       (int)ROLE_OFF == SENDER_OFF,
		       "roles are numbered alike");
	return (struct sender_terms){
		.role = (enum sender_role)t->role, .weight = t->weight, .cap = t->cap};
}

static void change_terms(struct car *c, const struct scenario_event *e)
{
	struct sender_terms terms;

	scenario_amend(&c->terms[e->link], &e->terms);
	terms = drive_terms(&c->terms[e->link]);
	bond_terms(c->bond, e->link, &terms);
}

static void do_to_car(struct stage *st, struct car *c, const struct scenario_event *e)
{
	struct bond *b = c->bond;
	ustime again = st->world.now + e->lasts;

	_Static_assert((int)MODE_BALANCE == SENDER_BALANCE && (int)MODE_AUTO == SENDER_AUTO,
		       "modes are numbered alike");
	switch (e->deed) {
	case DEED_REBIND:
		bond_rebind(b, e->link);
		break;
	case DEED_READDRESS:
		readdress(st, b, e->link);
		break;
	case DEED_TERMS:
		change_terms(c, e);
		break;
	case DEED_MODE:
		bond_mode(b, (enum sender_mode)e->mode);
		break;
	case DEED_SEND_RESTART:
		bond_stop_sender(b);
		world_at(&st->world, again, start_sender, b, NULL);
		break;
	case DEED_ENCODER_RESTART:
		srt_caller_stop(&b->caller, false);
		world_at(&st->world, again, start_encoder, b, NULL);
		break;
	case DEED_REC_RESTART:
	case DEED_SERVER_RESTART:
		break;
	}
}

void drive_deed(void *who, void *what)
{
	struct stage *st = who;
	const struct scenario_event *e = what;
	ustime again = st->world.now + e->lasts;

	if (e->deed == DEED_REC_RESTART) {
		site_stop_receiver(&st->site);
		world_at(&st->world, again, start_receiver, st, NULL);
	} else if (e->deed == DEED_SERVER_RESTART) {
		site_stop_server(&st->site);
		world_at(&st->world, again, start_server, st, NULL);
	} else {
		for (unsigned i = 0; i < st->d->vehicles; i++)
			do_to_car(st, &st->car[i], e);
	}
}
