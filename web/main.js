// SPDX-License-Identifier: MIT
const PERIOD = 1000, PATIENCE = 4000, GONE = 3; // ms, ms, seconds

const samples = new Samples();
let face = null;   // sender or receiver, once that is known
let charts = {};
let uptime = -1;   // of the latest answer: less than that is another life of the program
let answered = performance.now();
let asking = false;

// For scripts that read the charts: times and values by name, as drawn.
window.waybond = {
	get charts() {
		return Object.fromEntries(Object.entries(charts).map(([name, chart]) => [name, {
			unit: chart.spec.unit, times: chart.times || [],
			series: Object.fromEntries((chart.series || []).map(s => [s.name, s.values])),
		}]));
	},
};

async function get(path) {
	const answer = await fetch(path, {cache: "no-store", signal: AbortSignal.timeout(PATIENCE)});

	if (!answer.ok)
		throw new Error(`${path}: ${answer.status}`);
	return answer.json();
}

function setTheme(name) {
	document.documentElement.dataset.theme = name;
	byId("theme").setAttribute("aria-pressed", String(name === "dark"));
	Object.values(charts).forEach(chart => {
		chart.rebuild();
		if (chart.times)
			chart.show(samples);
	});
}

// What was chosen here where that differs from what the system prefers; a browser may forbid remembering.
function beginTheme() {
	const prefers = matchMedia("(prefers-color-scheme: dark)"), system = () => prefers.matches ? "dark" : "light";
	let chosen = null;

	try {
		chosen = localStorage.getItem("theme");
	} catch { /* then it is the system's */ }
	setTheme(chosen || system());
	prefers.addEventListener("change", () => chosen || setTheme(system()));
	byId("theme").addEventListener("click", () => {
		setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
		chosen = document.documentElement.dataset.theme === system() ? null : document.documentElement.dataset.theme;
		try {
			if (chosen)
				localStorage.setItem("theme", chosen);
			else
				localStorage.removeItem("theme");
		} catch { /* until the page is left */ }
	});
}

function begin(stats) {
	face = stats.program === "srtla_rec" ? receiver : sender;
	setText(byId("program"), face === receiver ? "receiver" : "sender");
	setText(byId("version"), `${stats.program || ""} ${stats.version || ""}`);
	charts = Object.fromEntries(Object.entries(face.charts()).map(([name, spec]) => [name, new Chart(spec)]));
	byId("charts").replaceChildren(...Object.values(charts).map(chart => chart.node));
}

// Nothing of what was before is lost where the program remembers it.
async function remember() {
	try {
		const history = await get("/history");

		samples.begin(history, face.columns(history));
	} catch { /* the charts begin now */ }
}

async function look() {
	const stats = await get("/stats"), again = stats.uptime_s < uptime || !samples.times.length;

	if (!face)
		begin(stats);
	if (again || stats.last_updated_ms / 1000 - samples.times.at(-1) > 3)
		await remember();
	uptime = stats.uptime_s ?? 0;
	samples.push(stats.last_updated_ms / 1000, face.values(stats));
	face.show(stats);
	setDelays(stats.latency_us);
	setQueues(stats.queues);
	setDrops(stats);
	Object.values(charts).forEach(chart => chart.show(samples));
	setEvents((await get("/events")).events);
}

function showAnswering() {
	const silent = Math.floor((performance.now() - answered) / 1000), gone = silent >= GONE;

	document.body.classList.toggle("stale", gone);
	byId("answering").className = `answering ${gone ? "bad" : "good"}`;
	setText(byId("answering"), gone ? `\u2715 no answer since ${words.span(silent)}` : "\u25cf live");
}

// A page that nobody sees asks nothing; two questions are never under way at once.
async function tick() {
	if (document.hidden || asking)
		return;
	asking = true;
	try {
		await look();
		answered = performance.now();
	} catch (error) {
		if (!(error instanceof TypeError || error instanceof DOMException || /^\/\w+: \d/.test(error.message)))
			throw error; // a mistake of this page, not silence of the program
	} finally {
		asking = false;
		showAnswering();
	}
}

beginTheme();
document.addEventListener("visibilitychange", tick);
setInterval(tick, PERIOD);
setInterval(() => document.hidden || showAnswering(), PERIOD);
tick();
