// SPDX-License-Identifier: MIT
// The page of srtla_rec: its groups, by names that say nothing of their keys.
const receiver = {
	names: [],
	colour: name => seriesColour(receiver.names.indexOf(name)),

	columns: history => ({
		"": history.totals,
		...Object.fromEntries(history.groups.map(g => [g.group, g])),
	}),

	values: stats => ({
		"": {rate_bps: stats.totals.bitrate_bps, groups: stats.totals.groups,
			held: stats.queues?.find(q => q.name === "hold")?.used ?? null,
			missing: stats.groups.reduce((sum, g) => sum + g.missing, 0)},
		...Object.fromEntries(stats.groups.map(g => [g.group, {
			rate_bps: g.bitrate_bps, held: g.held, missing: g.missing, rtt_ms: g.rtt_ms || null}])),
	}),

	charts() {
		const shown = () => receiver.names.slice(0, 16), each = (...a) => eachLine(shown, receiver.colour, ...a);
		const rate = each("rate_bps", 1e6);
		const total = wholeLine("all", "var(--muted)", "rate_bps", 1e6, {apart: true, dash: [4, 4]});

		return {
			rate: {title: "Rate by group", unit: "Mbit/s", digits: 2, stack: true, wide: true,
				series: s => shown().length > 1 ? [...rate(s), total(s)] : rate(s)},
			rtt: {title: "SRT round trip", unit: "ms", least: 20, series: each("rtt_ms")},
			held: {title: "Held for their order", unit: "packets", least: 10, series: each("held")},
			missing: {title: "Missing", unit: "packets of the session", least: 10, wide: true, series: each("missing")},
		};
	},

	group(name) {
		const swatch = make("span", {class: "swatch", "aria-hidden": "true"}), node = make("details", {class: "group"});

		swatch.style.background = receiver.colour(name);
		node.parts = {
			name: cell("name"), state: cell("state"), rate: cell("number value", "rate"), members: cell("number", "members"),
			rtt: cell("number value", "round trip"), held: cell("number", "held"), missing: cell("number", "missing"),
			quiet: cell("number value", "quiet"),
		};
		node.parts.name.append(swatch, name);
		node.members = make("div", {class: "members", role: "table", "aria-label": `Members of ${name}`});
		node.append(make("summary", {}, make("div", {class: "line"}, ...Object.values(node.parts))), node.members);
		for (const part of node.querySelectorAll("summary [role=cell]"))
			part.removeAttribute("role");
		return node;
	},

	member(address) {
		const node = make("div", {class: "member line", role: "row"});

		node.parts = {
			name: cell("name"), rate: cell("number value", "rate"), rtt: cell("number value", "round trip"),
			share: shareBar("var(--accent)"), idle: cell("number value", "silent for"), flight: cell("number", "in flight"),
		};
		node.parts.name.append(address);
		node.append(...Object.values(node.parts));
		return node;
	},

	showMembers(parent, members) {
		const nodes = keep(parent, ["heads", ...members.map(m => m.address)], key => key !== "heads" ? receiver.member(key) :
			make("div", {class: "member line heads", role: "row"},
				...heads(["Member"], ["Rate", "number"], ["Round trip", "number"], ["Share"],
					["Silent for", "number"], ["In flight", "number"])));

		members.forEach((m, i) => {
			const p = nodes[i + 1].parts;

			setValue(p.rate, words.rate(m.bitrate_bps));
			setValue(p.rtt, words.ms(m.rtt_ms || null));
			setShare(p.share, m.share_permille);
			setValue(p.idle, words.ms(m.idle_ms));
			setText(p.flight, words.count(m.in_flight));
		});
	},

	kind: {live: "good", starting: "calm", offline: "calm", stalled: "warn", ended: "calm"},
	reason: {starting: "the server has acknowledged nothing yet", stalled: "no media comes", ended: "said goodbye",
		offline: "no caller"},

	show(stats) {
		const rows = byId("rows"), groups = stats.groups;

		receiver.names = groups.map(g => g.group);
		const nodes = keep(rows, groups.length ? ["heads", ...receiver.names] : ["nothing"], key =>
			key === "nothing" ? make("div", {class: "nothing"}, "No sender has registered.") :
			key !== "heads" ? receiver.group(key) :
			make("div", {class: "line groups heads", "aria-hidden": "true"},
				...heads(["Group"], ["State"], ["Rate", "number"], ["Members", "number"],
					["Round trip", "number"], ["Held", "number"], ["Missing", "number"], ["Quiet", "number"])));

		groups.forEach((g, i) => {
			const p = nodes[i + 1].parts, reason = receiver.reason[g.state];

			setState(p.state, receiver.kind[g.state] || "calm", g.state,
				g.state === "live" && g.session_s ? `for ${words.span(g.session_s)}` : reason);
			setValue(p.rate, words.rate(g.bitrate_bps));
			setText(p.members, words.count((g.members || []).length));
			setValue(p.rtt, words.ms(g.rtt_ms || null));
			setText(p.held, words.count(g.held));
			setText(p.missing, words.count(g.missing));
			setValue(p.quiet, words.ms(g.quiet_ms));
			receiver.showMembers(nodes[i + 1].members, g.members || []);
			speak(g.group, g.state, reason);
		});
		if (groups.length === 1 && !rows.dataset.opened) {
			rows.dataset.opened = "yes"; // the only one is what people came for
			nodes[1].open = true;
		}
		receiver.summary(stats, groups);
		setText(byId("rows-title"), "Groups");
	},

	summary(stats, groups) {
		const live = groups.filter(g => g.state === "live").length;
		const stalled = groups.filter(g => g.state === "stalled").length;
		const [kind, word] = stalled ? ["warn", `${stalled} stalled, ${live} live`] :
			live ? ["good", live === 1 ? "One stream is live" : `${live} streams are live`] : ["calm", "No stream"];
		const t = stats.totals;

		setHeadline(kind, word, [`port ${stats.listen_port}`, `up ${words.span(stats.uptime_s)}`]);
		setTiles([
			["Bitrate", words.rate(t.bitrate_bps)],
			["Groups", [words.count(t.groups), `of ${words.count(t.groups_room)}`]],
			["Members", [words.count(t.members), ""]],
			["Unproved groups", [words.count(t.unproved), ""]],
			["Packets in", [words.count(t.packets_in), ""]],
			["Packets out", [words.count(t.packets_out), ""]],
		]);
		document.title = `${words.rate(t.bitrate_bps).join(" ")} \u00b7 ${word} \u00b7 Waybond`;
	},
};
