// SPDX-License-Identifier: MIT
// Numbers as people read them.  What is not known is a dash.
const words = {
	none: "\u2013",

	count(n) {
		return n === null || n === undefined ? words.none : n.toLocaleString("en").replaceAll(",", "\u2009");
	},

	fixed(n, digits) {
		return n === null || n === undefined ? words.none : n.toFixed(digits);
	},

	// [number, unit], so that the unit can be smaller.
	rate(bps) {
		if (bps === null || bps === undefined)
			return [words.none, ""];
		if (bps >= 1e6)
			return [(bps / 1e6).toFixed(bps >= 1e8 ? 0 : bps >= 1e7 ? 1 : 2), "Mbit/s"];
		return [Math.round(bps / 1e3).toString(), "kbit/s"];
	},

	ms(ms) {
		return ms === null || ms === undefined ? [words.none, ""] : [words.fixed(ms, 0), "ms"];
	},

	micros(us) {
		if (us === null || us === undefined)
			return words.none;
		if (us < 1000)
			return `${us} \u00b5s`;
		return us < 1e6 ? `${(us / 1e3).toFixed(us < 1e4 ? 1 : 0)} ms` : `${(us / 1e6).toFixed(1)} s`;
	},

	permille(n) {
		return n === null || n === undefined ? words.none : `${(n / 10).toFixed(n < 100 ? 1 : 0)} %`;
	},

	span(seconds) {
		const s = Math.floor(seconds), two = n => String(n).padStart(2, "0");

		if (s < 60)
			return `${s} s`;
		if (s < 3600)
			return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
		if (s < 86400)
			return `${Math.floor(s / 3600)} h ${two(Math.floor(s / 60) % 60)} min`;
		return `${Math.floor(s / 86400)} d ${two(Math.floor(s / 3600) % 24)} h`;
	},

	clock(seconds, withSeconds) {
		const two = n => String(n).padStart(2, "0"), at = new Date(seconds * 1000);

		return `${two(at.getHours())}:${two(at.getMinutes())}${withSeconds ? ":" + two(at.getSeconds()) : ""}`;
	},

	// "no_encoder" -> "no encoder"
	plain: name => name.replaceAll("_", " "),
};
