// SPDX-License-Identifier: MIT
const TEN_MINUTES = 600, LEAST_SPAN = 120; // seconds; a young program has wide charts

// The samples of the last ten minutes: seconds, and a column of numbers for each name and figure.
class Samples {
	constructor() {
		this.times = [];
		this.columns = new Map();
	}

	// What the server remembers: `lists` are objects of columns by figure, by name.
	begin(history, lists) {
		const n = history.seconds, last = history.wall_ms / 1000;

		this.times = Array.from({length: n}, (_, i) => last - (n - 1 - i) * history.interval_s);
		this.columns = new Map(Object.entries(lists));
	}

	// values: by name, objects of figures.  A name that has not come for ten minutes is forgotten.
	push(time, values) {
		if (this.times.length && time <= this.times.at(-1))
			return;
		const cut = this.times.filter(t => t < time - TEN_MINUTES).length;

		for (const name of new Set([...this.columns.keys(), ...Object.keys(values)])) {
			const columns = this.columns.get(name) || {}, now = values[name] || {};

			for (const figure of new Set([...Object.keys(columns), ...Object.keys(now)])) {
				const column = columns[figure] || Array(this.times.length).fill(null);

				columns[figure] = [...column.slice(cut), now[figure] ?? null];
			}
			this.columns.set(name, columns);
			if (Object.values(columns).every(column => column.every(v => v === null)))
				this.columns.delete(name);
		}
		this.times = [...this.times.slice(cut), time];
	}

	column(name, figure) {
		return this.columns.get(name)?.[figure] || Array(this.times.length).fill(null);
	}
}

const themeColour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const seriesColour = i => `var(--s${i % 8})`;
const TINT = "38"; // behind #rrggbb
const DASHES = [[], [6, 3], [2, 3]]; // by eights: colour alone never tells lines apart

// One chart.  spec: title, unit, digits, stack; series(samples): [{name, colour, values, dash}].
class Chart {
	constructor(spec) {
		this.spec = spec;
		this.box = make("div", {role: "img"});
		this.keys = make("ul", {class: "keys"});
		this.node = make("section", {class: `card chart${spec.wide ? " wide" : ""}`},
			make("h3", {}, spec.title, " ", make("small", {}, spec.unit)), this.box, this.keys);
		new ResizeObserver(() => this.fit()).observe(this.node);
	}

	width() {
		const style = getComputedStyle(this.node);

		return Math.floor(this.node.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight));
	}

	fit() {
		if (this.plot && this.plot.width !== this.width())
			this.plot.setSize({width: this.width(), height: this.spec.wide ? 220 : 168});
	}

	// As drawn.  Stacked, each line is the sum of those below it, and lies under them; others stand apart.
	lines() {
		const sum = this.times.map(() => 0), stacked = this.series.filter(s => this.spec.stack && !s.apart);

		return [...stacked.map(s => ({...s, values: s.values.map((v, i) => sum[i] += v || 0)})).reverse(),
			...this.series.filter(s => !stacked.includes(s))];
	}

	show(samples) {
		const series = this.spec.series(samples), shape = series.map(s => s.name + s.colour).join("\n");

		this.series = series;
		this.times = samples.times;
		if (shape !== this.shape || !this.plot)
			this.build(shape);
		this.plot.setData([this.times, ...this.lines().map(line => line.values)]);
		this.tell(this.plot.cursor.idx);
	}

	rebuild() {
		this.shape = null;
	}

	build(shape) {
		const grid = {stroke: themeColour("--grid"), width: 1};
		const axis = {stroke: themeColour("--muted"), grid, ticks: {show: false}, font: "12px system-ui, sans-serif"};
		const lines = this.lines().map(s => ({...s, colour: s.colour.replace(/var\((.*)\)/, (_, name) => themeColour(name))}));
		const stacked = this.spec.stack ? lines.filter(s => !s.apart) : [];

		this.shape = shape;
		this.plot?.destroy();
		this.keys.replaceChildren(...this.series.map(s => {
			const swatch = make("span", {class: "swatch"});

			swatch.style.background = s.colour;
			return make("li", {}, swatch, s.name, make("b"));
		}));
		this.plot = new uPlot({
			width: this.width(), height: this.spec.wide ? 220 : 168, padding: [8, 18, 0, 0],
			legend: {show: false},
			cursor: {sync: {key: "waybond"}, drag: {x: false, y: false}, points: {size: 6}},
			hooks: {setCursor: [plot => this.tell(plot.cursor.idx)]},
			scales: {
				x: {range: (u, min, max) => [max - Math.min(TEN_MINUTES, Math.max(LEAST_SPAN, max - min)), max]},
				y: {range: (u, min, max) => [0, this.spec.top || Math.max((max || 0) * 1.12, this.spec.least || 1)]},
			},
			axes: [
				{...axis, size: 26, incrs: [30, 60, 120, 180, 300],
					values: (u, at) => at.map(t => words.clock(t, at[1] - at[0] < 60))},
				{...axis, size: 44, values: (u, at) => at.map(v => v.toFixed((at[1] - at[0]) % 1 ? 1 : 0))},
			],
			series: [{}, ...lines.map(s => ({stroke: s.colour, width: s.apart ? 1.5 : 1.8, dash: s.dash, points: {show: false},
				fill: s === stacked.at(-1) ? s.colour + TINT : undefined}))],
			bands: stacked.slice(1).map((_, i) => ({series: [i + 1, i + 2], fill: stacked[i].colour + TINT})),
		}, [this.times, ...lines.map(s => s.values)], this.box);
	}

	// The values under the cursor, else the latest.
	tell(at) {
		const i = at ?? this.times.length - 1, digits = this.spec.digits ?? 0;

		this.series.forEach((s, n) => {
			const key = this.keys.children[n]?.lastChild;

			if (key)
				setText(key, words.fixed(s.values[i], digits));
		});
		this.box.setAttribute("aria-label", `${this.spec.title}: ${this.series.map(s =>
			`${s.name} ${words.fixed(s.values.at(-1), digits)} ${this.spec.unit}`).join(", ")}`);
	}
}

// A line for each name that has this figure, `scale` of which make a unit.
function eachLine(names, colours, figure, scale = 1) {
	return samples => names().map(name => ({
		name, colour: colours(name), dash: DASHES[Math.floor(names().indexOf(name) / 8) % 3],
		values: samples.column(name, figure).map(v => v === null ? null : v / scale),
	}));
}

// One line of the whole.
function wholeLine(name, colour, figure, scale = 1, more = {}) {
	return samples => ({name, colour, values: samples.column("", figure).map(v => v === null ? null : v / scale), ...more});
}
