// SPDX-License-Identifier: MIT
// What both programs' pages have: tiles, delays, queues, drops, events.
function setTiles(tiles) {
	const nodes = keep(byId("tiles"), tiles.map(([name]) => name), name =>
		make("div", {}, make("dd", {class: "value"}), make("dt", {}, name)));

	nodes.forEach((node, i) => setValue(node.firstChild, tiles[i][1]));
}

function setHeadline(kind, text, below) {
	byId("headline").className = kind;
	setText(byId("headline"), text);
	setText(byId("subline"), below.filter(Boolean).join("  \u00b7  "));
}

// Colour, sign, word and reason: none of them alone.
const SIGNS = {good: "\u25cf", warn: "\u25b2", bad: "\u2715", calm: "\u25cb"};

function setState(node, kind, word, reason) {
	const shown = [kind, word, reason].join("\n");

	if (node.dataset.shown === shown)
		return;
	node.dataset.shown = shown;
	node.replaceChildren(make("span", {class: kind}, make("span", {class: "sign", "aria-hidden": "true"}, SIGNS[kind]), word));
	if (reason)
		node.append(make("small", {}, reason));
}

// Says aloud what has changed since the last time: states by name.
const spoken = new Map();

function speak(name, state, reason) {
	const before = spoken.get(name);

	spoken.set(name, state);
	if (before !== undefined && before !== state)
		setText(byId("news"), `${name} is ${state}${reason ? ": " + reason : ""}`);
}

function setDelays(latency) {
	const row = (name, h) => h && h.count ? [[name, words.micros(h.p50), words.micros(h.p95), words.micros(h.p99)]] : [];

	fillTable(byId("delays"), ["", "p50", "p95", "p99"], [
		...["control", "retransmission", "data"].flatMap(c => row(`${c}, in here`, latency?.forward?.[c])),
		...row("held for order", latency?.hold),
		...row("on the way", latency?.path),
	], "Nothing has passed yet");
}

function setQueues(queues) {
	fillTable(byId("queues"), null, (queues || []).map(q =>
		[words.plain(q.name), {part: q.used, of: q.room}, `${words.count(q.used)} of ${words.count(q.room)}`]), "None");
}

function setDrops(stats) {
	const causes = Object.entries(stats.drops || {}).filter(([, n]) => n > 0)
		.map(([cause, n]) => [words.plain(cause), words.count(n)]);

	for (const r of stats.refusals || [])
		if (r.count > 0)
			causes.push([`refused by the system: ${r.errno}`, words.count(r.count)]);
	if (stats.kernel_drops ?? stats.io?.kernel_drops)
		causes.push(["no room in the socket", words.count(stats.kernel_drops ?? stats.io.kernel_drops)]);
	if (stats.log_lost)
		causes.push(["lines of the log", words.count(stats.log_lost)]);
	fillTable(byId("drops"), null, causes, "Nothing");
}

const LEVELS = {error: "bad", warn: "warn"};

function setEvents(events) {
	const latest = events.slice(-40).reverse(), seen = JSON.stringify(latest), list = byId("events");

	if (list.dataset.seen === seen)
		return;
	list.dataset.seen = seen;
	list.replaceChildren(...latest.map(e => {
		const [, name, rest] = /^event=(\S+)\s*(.*)$/.exec(e.text) || [null, "", e.text];

		return make("li", {}, make("time", {class: "muted"}, words.clock(e.wall_ms / 1000, true)),
			make("span", {}, make("b", {class: LEVELS[e.level] || ""}, words.plain(name)), name ? "  " : "",
				make("span", {class: "muted"}, rest)));
	}));
}
