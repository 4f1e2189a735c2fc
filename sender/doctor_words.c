/* SPDX-License-Identifier: MIT */
#include "sender/doctor_words.h"

#include <string.h>

#define AT(field) offsetof(struct doctor_words, field)

enum { PAYLOAD = 1316, PAYLOAD_MOST = 1456 }; /* of libsrt: by default, and in 1500 bytes */

static const struct option_row rows[] = {
	{.name = "iface", .kind = OPTION_TEXT, .offset = AT(iface), .value = "NAMES",
	 .help = "the links of these interfaces, usb0,usb1"},
	{.name = "auto", .kind = OPTION_FLAG, .offset = AT(automatic),
	 .help = "the links of all that lead somewhere (the default without BIND_IPS_FILE)"},
	{.name = "exclude", .kind = OPTION_TEXT, .offset = AT(exclude), .value = "NAMES",
	 .help = "with --auto: but not these, eth0,docker*"},
	{.name = "payload", .kind = OPTION_NUMBER, .offset = AT(payload), .min = 188,
	 .max = PAYLOAD_MOST, .value = "BYTES",
	 .help = "what the encoder puts into a packet (default: 1316)"},
	{.name = "dns", .kind = OPTION_TEXT, .offset = AT(dns), .value = "SERVERS",
	 .help = "ask these name servers"},
	{.name = "help", .letter = 'h', .kind = OPTION_FLAG, .offset = AT(help),
	 .help = "print this and exit"},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static bool read_positional(struct doctor_words *w, int count, char **word, char why[CONFIG_WHY])
{
	if (count < 2 || count > 3) {
		snprintf(why, CONFIG_WHY, "two or three arguments are wanted, %d given: "
			 "SRTLA_HOST SRTLA_PORT [BIND_IPS_FILE]", count);
		return false;
	}
	if (!arguments_host(word[0], "SRTLA_HOST", &w->host, why) ||
	    !arguments_port(word[1], "SRTLA_PORT", &w->port, why))
		return false;
	if (count == 3 && word[2][0] == '\0')
		return arguments_wrong(why, "BIND_IPS_FILE", word[2], "not a file");
	w->uplinks_path = count == 3 ? word[2] : NULL;
	if (w->uplinks_path && (w->iface || w->automatic || w->exclude)) {
		snprintf(why, CONFIG_WHY, "BIND_IPS_FILE, or --iface, or --auto: the links are "
			 "chosen by one of them");
		return false;
	}
	return true;
}

enum config_verdict doctor_words_read(struct doctor_words *w, int argc, char **argv,
				      char why[CONFIG_WHY])
{
	int first;

	*w = (struct doctor_words){.payload = PAYLOAD};
	first = options_parse(rows, ROWS, argc, argv, w, why, CONFIG_WHY);
	if (first < 0)
		return CONFIG_WRONG;
	if (w->help)
		return CONFIG_HELP;
	if (w->iface && (w->automatic || w->exclude)) {
		snprintf(why, CONFIG_WHY, "--iface names the interfaces: --auto and --exclude "
			 "choose from all");
		return CONFIG_WRONG;
	}
	return read_positional(w, argc - first, argv + first, why) ? CONFIG_RUN : CONFIG_WRONG;
}

void doctor_words_help(FILE *to)
{
	fputs("usage: srtla_send doctor [options] SRTLA_HOST SRTLA_PORT [BIND_IPS_FILE]\n\n"
	      "Tries each uplink as srtla_send would use it, and says what to type where it\n"
	      "cannot be used.\n\n", to);
	options_help(rows, ROWS, to);
	fputs("\nThe manual: srtla_send(1), DOCTOR.\n", to);
}

/* A word behind the others, in quotes when a shell would see more in it. */
static void append(char *buf, size_t size, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "_-./:,%@+=";
	const char *quote = word[strspn(word, plain)] ? "'" : "";
	size_t len = strlen(buf);

	snprintf(buf + len, size - len, "%s%s%s%s", len ? " " : "", quote, word, quote);
}

const char *doctor_words_again(const struct doctor_words *w, char *buf, size_t size)
{
	char port[8];

	buf[0] = '\0';
	if (w->iface) {
		append(buf, size, "--iface");
		append(buf, size, w->iface);
	}
	if (w->exclude) {
		append(buf, size, "--exclude");
		append(buf, size, w->exclude);
	}
	if (w->dns) {
		append(buf, size, "--dns");
		append(buf, size, w->dns);
	}
	append(buf, size, w->host);
	snprintf(port, sizeof(port), "%u", (unsigned)w->port);
	append(buf, size, port);
	if (w->uplinks_path)
		append(buf, size, w->uplinks_path);
	return buf;
}
