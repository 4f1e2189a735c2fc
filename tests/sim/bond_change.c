/* SPDX-License-Identifier: MIT */
#include "tests/sim/bond.h"

/* What befalls links and machines on the way. */

void bond_rebind(struct bond *b, unsigned link)
{
	bond_new_face(b, &b->link[link]);
}

void bond_readdress(struct bond *b, unsigned link, const char *address)
{
	must(endpoint_parse(address, &b->link[link].face));
	bond_new_face(b, &b->link[link]);
	if (!b->core)
		return;
	b->door->link_reopened(b->core, b->link[link].port, b->world->now, &b->out);
	bond_flush(b);
}

void bond_terms(struct bond *b, unsigned link, const struct sender_terms *terms)
{
	b->cfg.terms[link] = *terms;
	if (!b->core || !b->door->link_terms)
		return;
	b->door->link_terms(b->core, b->link[link].port, terms, b->world->now, &b->out);
	bond_flush(b);
}

void bond_mode(struct bond *b, enum sender_mode mode)
{
	b->cfg.mode = mode;
	if (!b->core || !b->door->set_mode)
		return;
	b->door->set_mode(b->core, mode, b->world->now, &b->out);
	bond_flush(b);
}

void bond_break(struct bond *b, unsigned link, int err)
{
	b->link[link].fault = err;
}

void bond_cut(struct bond *b, unsigned link, bool cut)
{
	b->link[link].up.cut = b->link[link].down.cut = cut;
}

void bond_cut_all(struct bond *b, bool cut)
{
	for (unsigned i = 0; i < b->cfg.links; i++)
		bond_cut(b, i, cut);
}

void bond_suspend(struct bond *b, usspan how_long)
{
	b->asleep_until = b->world->now + how_long;
}

void bond_stop_sender(struct bond *b)
{
	if (b->door->save)
		b->door->save(b->core, &b->record);
	b->door->destroy(b->core);
	b->core = NULL;
	timer_set(&b->due, NEVER);
	for (unsigned i = 0; i < b->cfg.links; i++) {
		b->link[i].port_before = b->link[i].face.port;
		bond_new_face(b, &b->link[i]);
	}
}

void bond_restart_sender(struct bond *b)
{
	bond_stop_sender(b);
	bond_start_sender(b);
}
