// SPDX-License-Identifier: MIT
// The page of srtla_send: its links.
const sender = {
	names: [],
	colour: name => seriesColour(sender.names.indexOf(name)),

	columns: history => ({
		"": history.totals,
		...Object.fromEntries(history.links.map(l => [l.name, l])),
	}),

	values: stats => ({
		"": {rate_bps: stats.bitrate_bps, capacity_bps: stats.capacity_bps, waiting: stats.waiting,
			held: stats.queues?.find(q => q.name === "held")?.used ?? null},
		...Object.fromEntries(stats.connections.map(l => [l.name, {
			rate_bps: l.bitrate_bps, rtt_ms: l.rtt_ms || null, loss_permille: l.loss_permille,
			share_permille: l.share_permille, in_flight: l.in_flight}])),
	}),

	charts() {
		const each = (...a) => eachLine(() => sender.names, sender.colour, ...a);
		const rate = each("rate_bps", 1e6);
		const capacity = wholeLine("capacity", "var(--muted)", "capacity_bps", 1e6, {apart: true, dash: [4, 4]});
		const whole = [wholeLine("held until delivered", seriesColour(0), "held"),
			wholeLine("waiting for a link", seriesColour(1), "waiting")];

		return {
			rate: {title: "Rate by link", unit: "Mbit/s", digits: 2, stack: true, wide: true,
				series: s => [...rate(s), capacity(s)]},
			rtt: {title: "Round trip", unit: "ms", least: 20, series: each("rtt_ms")},
			loss: {title: "Loss", unit: "%", digits: 1, least: 2, series: each("loss_permille", 10)},
			share: {title: "Share", unit: "%", top: 100, series: each("share_permille", 10)},
			in_flight: {title: "In flight", unit: "packets", least: 10, series: each("in_flight")},
			packets: {title: "Packets in memory", unit: "", least: 10, wide: true,
				series: s => whole.map(line => line(s))},
		};
	},

	row(name) {
		const colour = sender.colour(name), swatch = make("span", {class: "swatch", "aria-hidden": "true"});
		const node = make("div", {class: "line", role: "row"});

		swatch.style.background = colour;
		node.parts = {
			name: cell("name"), state: cell("state"), role: cell("", "role"), rate: cell("number value", "rate"),
			rtt: cell("number value", "round trip"), loss: cell("number", "loss"), share: shareBar(colour),
			flight: cell("number", "in flight"),
		};
		node.parts.where = make("small");
		node.parts.name.append(swatch, make("span", {}, name, node.parts.where));
		node.append(...Object.values(node.parts).slice(0, 8));
		return node;
	},

	kind: link => link.role === "off" ? "calm" : {up: "good", shy: "warn", joining: "calm"}[link.state] || "bad",

	show(stats) {
		const rows = byId("rows"), links = stats.connections;

		sender.names = links.map(l => l.name);
		if (!rows.querySelector(".heads"))
			rows.setAttribute("role", "table");
		const nodes = keep(rows, ["heads", ...sender.names], key => key !== "heads" ? sender.row(key) :
			make("div", {class: "line heads", role: "row"}, ...heads(["Link"], ["State"], ["Role"], ["Rate", "number"],
				["Round trip", "number"], ["Loss", "number"], ["Share"], ["In flight", "number"])));

		links.forEach((link, i) => {
			const p = nodes[i + 1].parts;

			setText(p.where, [link.device, link.address].filter(t => t && !link.name.includes(t)).join(" "));
			setState(p.state, sender.kind(link), link.state, link.state === "up" ? "" : link.reason);
			setText(p.role, link.role);
			setValue(p.rate, words.rate(link.bitrate_bps));
			setValue(p.rtt, words.ms(link.rtt_ms || null));
			setText(p.loss, words.permille(link.loss_permille));
			setShare(p.share, link.share_permille);
			setText(p.flight, words.count(link.in_flight));
			speak(link.name, link.state, link.reason);
		});
		sender.summary(stats, links);
		setText(byId("rows-title"), "Links");
	},

	summary(stats, links) {
		const wanted = links.filter(l => l.role !== "off").length, trusted = links.filter(l => l.state === "up").length;
		const live = stats.live_links ?? trusted;
		const [kind, word] = live === 0 ? ["bad", "No link"] :
			!stats.bitrate_bps ? ["calm", "Waiting for the encoder"] :
			trusted < wanted ? ["warn", `Streaming on ${trusted} of ${wanted} links`] : ["good", "Streaming"];

		setHeadline(kind, word, [`to ${stats.host || "the receiver"}`, `mode ${stats.mode}`,
			stats.peer === "own" ? "Waybond receiver" : stats.peer === "classic" ? "classic receiver" : "",
			stats.uptime_s === undefined ? "" : `up ${words.span(stats.uptime_s)}`]);
		setTiles([
			["Bitrate", words.rate(stats.bitrate_bps)],
			["Capacity", words.rate(stats.capacity_bps || null)],
			["Safe rate", words.rate(stats.safe_bps || null)],
			["SRT latency", words.ms(stats.latency_ms || null)],
			["Live links", [`${live} of ${links.length}`, ""]],
			["Resent", [words.count(stats.repairs?.resent), ""]],
		]);
		document.title = `${words.rate(stats.bitrate_bps).join(" ")} \u00b7 ${word} \u00b7 Waybond`;
	},
};
