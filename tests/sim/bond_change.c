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
