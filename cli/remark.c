/* SPDX-License-Identifier: Apache-2.0 */
#include "remark.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "vfmon/keys.h"
#include "vfmon/vf.h"

#define INDENT 4
/* So many functions are named, the rest is a number. */
#define DEVICES_SHOWN 8

/* The level on the wire, and the readiness whose colour it has. */
static const struct {
	const char *name;
	enum vf_readiness look;
} levels[] = {
	[FINDING_REFUSED] = { "refused", VF_READINESS_DANGEROUS },
	[FINDING_WRONG] = { "wrong", VF_READINESS_BLOCKED },
	[FINDING_SUSPICIOUS] = { "suspicious", VF_READINESS_DEGRADED },
};
_Static_assert(sizeof(levels) / sizeof(levels[0]) == FINDING_LEVEL_COUNT, "a name for each level");

static enum finding_level level_of(const struct value *finding)
{
	const char *name = value_text(finding, KEY_LEVEL);

	for (int i = 0; name && i < FINDING_LEVEL_COUNT; i++) {
		if (strcmp(levels[i].name, name) == 0)
			return (enum finding_level)i;
	}
	return FINDING_SUSPICIOUS;
}

void remark_count(struct remark_sum *sum, const struct value *finding)
{
	sum->levels[level_of(finding)]++;
}

void remark_print_sum(const struct remark_sum *sum, FILE *out)
{
	for (int i = 0; i < FINDING_LEVEL_COUNT; i++)
		fprintf(out, "%s%zu %s", i ? ", " : "", sum->levels[i], levels[i].name);
}

static void print_head(const struct value *finding, const struct terminal *t, FILE *out)
{
	enum finding_level level = level_of(finding);
	const char *colour = terminal_colour(t, vf_readiness_name(levels[level].look));
	const char *file = value_text(finding, KEY_FILE);
	const char *message = value_text(finding, KEY_MESSAGE);
	const char *code = value_text(finding, KEY_CODE);
	int64_t line = value_int(finding, KEY_LINE, 0);
	int64_t column = value_int(finding, KEY_COLUMN, 0);

	if (file)
		fprintf(out, "%s:", file);
	if (file && line > 0)
		fprintf(out, "%" PRId64 ":", line);
	if (file && line > 0 && column > 0)
		fprintf(out, "%" PRId64 ":", column);
	fprintf(out, "%s%s%s%s: %s", file ? " " : "", colour ? colour : "", levels[level].name,
		colour ? TERMINAL_PLAIN : "", message ? message : "");
	if (code)
		fprintf(out, "   [%s]", code);
	fprintf(out, "\n");
}

/*
 * Whether the line is nobody's option, so that it can be any other section's that has lost its
 * heading, a password among it.
 */
static bool is_of_nobody(const struct value *finding)
{
	const char *code = value_text(finding, KEY_CODE);

	if (!code || strcmp(code, finding_code_name(FINDING_SYNTAX_ERROR)) == 0)
		return true;
	return strcmp(code, finding_code_name(FINDING_UNKNOWN_KEY)) == 0 &&
	       !value_has(finding, KEY_SPEC_INDEX);
}

/* What is said of lines of other sections has no text of theirs, and none is looked up. */
static int print_line(struct quote *q, const struct value *finding, const struct terminal *t,
		      FILE *out)
{
	struct quote_place place = { .file = value_text(finding, KEY_FILE),
				     .line = value_int(finding, KEY_LINE, 0),
				     .column = value_int(finding, KEY_COLUMN, 0) };

	if (!place.file || place.line <= 0 || is_of_nobody(finding))
		return 0;
	return quote_print(q, &place, INDENT, t, out);
}

static void print_devices(const struct value *finding, FILE *out)
{
	const struct value *devices = value_member(finding, KEY_DEVICES);
	size_t count = value_count(devices);

	if (count == 0)
		return;
	fprintf(out, "  concerns");
	for (size_t i = 0; i < count && i < DEVICES_SHOWN; i++)
		fprintf(out, " %s", value_text_at(devices, i));
	if (count > DEVICES_SHOWN)
		fprintf(out, " and %zu more", count - DEVICES_SHOWN);
	fprintf(out, "\n");
}

int remark_print(struct quote *q, const struct value *finding, const struct terminal *t, FILE *out)
{
	const char *remedy = value_text(finding, KEY_REMEDY);
	int r;

	print_head(finding, t, out);
	r = print_line(q, finding, t, out);
	print_devices(finding, out);
	if (remedy)
		fprintf(out, "  %s %s\n", terminal_arrow(t), remedy);
	return r == -ENOMEM ? r : 0;
}
