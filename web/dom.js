// SPDX-License-Identifier: MIT
// The few things that this page does to its document.  Text is only ever set as text.
const byId = id => document.getElementById(id);

function make(tag, attributes = {}, ...children) {
	const node = document.createElement(tag);

	for (const [name, value] of Object.entries(attributes))
		node.setAttribute(name, value);
	node.append(...children);
	return node;
}

function setText(node, text) {
	if (node.textContent !== text)
		node.textContent = text;
}

// A number and, smaller, its unit.
function setValue(node, [number, unit]) {
	if (node.dataset.shown === number + unit)
		return;
	node.dataset.shown = number + unit;
	node.replaceChildren(number, unit ? make("small", {}, "\u2009" + unit) : "");
}

// Children of `parent` for these keys, in this order; those that exist are kept as they are.
function keep(parent, keys, create) {
	const have = new Map([...parent.children].map(child => [child.dataset.key, child]));
	const nodes = keys.map(key => {
		const node = have.get(key) || create(key);

		node.dataset.key = key;
		return node;
	});

	if (nodes.length !== parent.children.length || nodes.some((node, i) => parent.children[i] !== node))
		parent.replaceChildren(...nodes);
	return nodes;
}

function cell(name, label) {
	return make("div", {class: name, role: "cell", ...(label && {"data-label": label})});
}

function heads(...names) {
	return names.map(([name, classes]) => make("div", {role: "columnheader", class: classes || ""}, name));
}

function shareBar(colour) {
	const node = cell("share", "share"), fill = make("i");

	fill.style.background = colour;
	node.append(make("span", {class: "track", "aria-hidden": "true"}, fill), make("span"));
	return node;
}

function setShare(node, permille) {
	node.querySelector("i").style.width = `${(permille || 0) / 10}%`;
	setText(node.lastChild, words.permille(permille));
}

// rows: [header, cell...], where a cell is a text or {part, of} for a bar.
function fillTable(table, columns, rows, nothing) {
	const seen = JSON.stringify(rows);

	if (table.dataset.seen === seen)
		return;
	table.dataset.seen = seen;
	table.replaceChildren();
	if (columns && rows.length)
		table.append(make("thead", {}, make("tr", {}, ...columns.map(c => make("th", {scope: "col"}, c)))));
	table.append(make("tbody", {}, ...rows.map(([head, ...cells]) =>
		make("tr", {}, make("th", {scope: "row"}, head), ...cells.map(c => {
			if (typeof c === "string")
				return make("td", {}, c);
			const fill = make("i");

			fill.style.width = `${c.of ? Math.min(100, 100 * c.part / c.of) : 0}%`;
			return make("td", {class: "bar", "aria-hidden": "true"}, make("div", {class: "track"}, fill));
		})))));
	if (!rows.length)
		table.append(make("tbody", {}, make("tr", {}, make("th", {class: "muted"}, nothing))));
}
