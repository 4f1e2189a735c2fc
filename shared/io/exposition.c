/* SPDX-License-Identifier: MIT */
#include "shared/io/exposition.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define MILLION INT64_C(1000000)

enum { SPAN_TEXT = 32 };

void exposition_open(struct exposition *e)
{
	memset(e, 0, sizeof(*e));
	e->to = open_memstream(&e->text, &e->len);
}

char *exposition_close(struct exposition *e, size_t *len)
{
	bool whole;

	if (!e->to)
		return NULL;
	whole = !ferror(e->to);
	whole = fclose(e->to) == 0 && whole;
	e->to = NULL;
	if (!whole) {
		free(e->text);
		return NULL;
	}
	*len = e->len;
	return e->text;
}

void exposition_family(struct exposition *e, enum exposition_kind kind, const char *name,
		       const char *help)
{
	static const char *const types[] = {
		[EXPOSITION_COUNTER] = "counter",
		[EXPOSITION_GAUGE] = "gauge",
		[EXPOSITION_HISTOGRAM] = "histogram",
	};

	e->family = name;
	e->help = help;
	e->type = types[kind];
}

static void value_of_label(FILE *to, const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			fprintf(to, "\\%c", c);
		else if (c < 0x20 || c >= 0x7f)
			fprintf(to, "\\\\x%02x", c); /* a backslash is written as two */
		else
			fputc(c, to);
	}
}

/* "name_suffix{labels,le="bound"} ", as far as there are any of them. */
static void begin(struct exposition *e, const char *suffix, const char *bound, va_list labels)
{
	char between = '{';

	if (e->help) {
		fprintf(e->to, "# HELP %s %s\n# TYPE %s %s\n", e->family, e->help, e->family,
			e->type);
		e->help = NULL;
	}
	fprintf(e->to, "%s%s", e->family, suffix);
	for (const char *name; (name = va_arg(labels, const char *)); between = ',') {
		fprintf(e->to, "%c%s=\"", between, name);
		value_of_label(e->to, va_arg(labels, const char *));
		fputc('"', e->to);
	}
	if (bound) {
		fprintf(e->to, "%cle=\"%s\"", between, bound);
		between = ',';
	}
	fputs(between == '{' ? " " : "} ", e->to);
}

/* 1500000 -> "1.5": in full, and no zero that says nothing, as bounds are compared as texts too. */
static const char *in_seconds(usspan us, char buf[SPAN_TEXT])
{
	const char *sign = us < 0 ? "-" : "";
	uint64_t size = us < 0 ? -(uint64_t)us : (uint64_t)us;
	int len = snprintf(buf, SPAN_TEXT, "%s%" PRIu64 ".%06" PRIu64, sign, size / MILLION,
			   size % MILLION);

	while (buf[len - 1] == '0')
		buf[--len] = '\0';
	if (buf[len - 1] == '.')
		buf[len - 1] = '\0';
	return buf;
}

void exposition_number(struct exposition *e, uint64_t n, ...)
{
	va_list labels;

	if (!e->to)
		return;
	va_start(labels, n);
	begin(e, "", NULL, labels);
	va_end(labels);
	fprintf(e->to, "%" PRIu64 "\n", n);
}

void exposition_seconds(struct exposition *e, usspan us, ...)
{
	char buf[SPAN_TEXT];
	va_list labels;

	if (!e->to)
		return;
	va_start(labels, us);
	begin(e, "", NULL, labels);
	va_end(labels);
	fprintf(e->to, "%s\n", in_seconds(us, buf));
}

void exposition_ratio(struct exposition *e, unsigned thousandths, ...)
{
	char buf[SPAN_TEXT];
	va_list labels;

	if (!e->to)
		return;
	va_start(labels, thousandths);
	begin(e, "", NULL, labels);
	va_end(labels);
	fprintf(e->to, "%s\n", in_seconds((usspan)thousandths * MSEC(1), buf));
}

static void line(struct exposition *e, const char *suffix, const char *bound, const char *value,
		 va_list labels)
{
	va_list copy;

	va_copy(copy, labels);
	begin(e, suffix, bound, copy);
	va_end(copy);
	fprintf(e->to, "%s\n", value);
}

void exposition_histogram(struct exposition *e, const struct histogram *h, unsigned least,
			  unsigned most, ...)
{
	char bound[SPAN_TEXT], value[SPAN_TEXT];
	va_list labels;

	if (!e->to)
		return;
	va_start(labels, most);
	for (unsigned power = least; power <= most; power++) {
		snprintf(value, sizeof(value), "%" PRIu64, histogram_below(h, power));
		line(e, "_bucket", in_seconds((usspan)1 << power, bound), value, labels);
	}
	snprintf(value, sizeof(value), "%" PRIu64, h->count);
	line(e, "_bucket", "+Inf", value, labels);
	line(e, "_count", NULL, value, labels);
	line(e, "_sum", NULL, in_seconds((usspan)h->sum, value), labels);
	va_end(labels);
}
