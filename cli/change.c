/* SPDX-License-Identifier: Apache-2.0 */
#include "change.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "moment.h"
#include "vfmon/cleanup.h"
#include "vfmon/keys.h"
#include "vfmon/vf.h"
#include "writer.h"

/* Columns of the parts, as lines come one by one: wide enough for nearly all that can be said. */
#define WHAT_WIDTH 25
#define READINESS_WIDTH 18
#define NOTE_WIDTH 28
#define NOTE_WIDTH_MIN 20

/* What the parts of a line are told from. */
struct subject {
	const struct terminal *t;
	const struct value *change;
	const struct value *now;    /* NULL: it is gone */
	const struct value *before; /* NULL: it appeared, or the changes were merged */
};

static bool differ(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") != 0;
}

static bool field_differs(const struct subject *s, enum vf_field field)
{
	const struct value *fields = value_member(s->change, KEY_FIELDS);

	for (size_t i = 0; i < value_count(fields); i++) {
		if (!differ(value_text_at(fields, i), vf_field_name(field)))
			return true;
	}
	return false;
}

static void print_move(const struct subject *s, const char *before, const char *now, FILE *out)
{
	if (s->before && differ(before, now))
		fprintf(out, "%s %s ", before ? before : "-", terminal_arrow(s->t));
	fprintf(out, "%s", now ? now : "-");
}

static bool print_vf_count(const struct subject *s, FILE *out)
{
	int64_t before = device_int(s->before, VF_FIELD_NUM_VFS, -1);
	int64_t now = device_int(s->now, VF_FIELD_NUM_VFS, -1);

	if (!s->before || before == now || now < 0)
		return false;
	fprintf(out, "VFs %" PRId64 " %s %" PRId64, before < 0 ? 0 : before, terminal_arrow(s->t),
		now);
	return true;
}

static void print_what(const struct subject *s, FILE *out)
{
	const char *kind = value_text(s->change, KEY_KIND);

	if (!s->now) {
		fprintf(out, "gone");
		return;
	}
	if (kind && strcmp(kind, "appeared") == 0) {
		fprintf(out, "appeared: %s", device_state(s->now) ? device_state(s->now) : "-");
		return;
	}
	if (differ(device_state(s->before), device_state(s->now)) || !print_vf_count(s, out))
		print_move(s, device_state(s->before), device_state(s->now), out);
}

static void print_readiness(const struct subject *s, FILE *out)
{
	const char *untracked = vf_readiness_name(VF_READINESS_UNTRACKED);
	const char *now = device_readiness(s->now);

	if (!s->now)
		return;
	if (s->before && differ(device_readiness(s->before), now))
		print_move(s, device_readiness(s->before), now, out);
	else if (differ(now, untracked))
		fprintf(out, "%s", now);
}

/* Whether the line has a column for it, or it follows from the new binding that the line tells. */
static bool is_told(const struct subject *s, enum vf_field field)
{
	bool moved = field_differs(s, VF_FIELD_BINDING);

	return field == VF_FIELD_BINDING || field == VF_FIELD_NUM_VFS ||
	       field == VF_FIELD_READINESS || field == VF_FIELD_GUEST_START ||
	       (moved && (field == VF_FIELD_VFIO_DEVICE || field == VF_FIELD_VFIO_NODES ||
			  field == VF_FIELD_NETWORK || field == VF_FIELD_IN_USE));
}

/* Changes that have no column: named, and with both values where they are short. */
static void print_other_fields(const struct subject *s, const char *between, FILE *out)
{
	for (int f = 0; f < VF_FIELD_COUNT; f++) {
		enum vf_field field = (enum vf_field)f;
		const char *before = device_text(s->before, field);
		const char *now = device_text(s->now, field);

		if (is_told(s, field) || !field_differs(s, field))
			continue;
		fprintf(out, "%s%s", between, vf_field_name(field));
		between = ", ";
		if (!before && !now)
			continue;
		fprintf(out, " ");
		print_move(s, before, now, out);
	}
}

static void print_driver(const struct subject *s, FILE *out)
{
	const char *before = device_driver(s->before);
	const char *now = device_driver(s->now);

	if (before && now)
		print_move(s, before, now, out);
	else if (now)
		fprintf(out, "%s", now);
	else if (before)
		fprintf(out, "was %s", before);
}

static void print_note(const struct subject *s, FILE *out)
{
	const struct value *worst = device_worst_reason(s->now);
	const char *kind = value_text(s->change, KEY_KIND);
	const char *between = "";
	long start = ftell(out);

	if (worst)
		device_print_reason(s->now, out);
	else if (!s->now || !s->before || field_differs(s, VF_FIELD_BINDING))
		print_driver(s, out);
	if (ftell(out) > start)
		between = ", ";
	if (kind && strcmp(kind, "appeared") == 0) {
		fprintf(out, "%s", between);
		device_print_role(s->now, out);
	} else if (s->now) {
		print_other_fields(s, between, out);
	}
	if (value_bool(s->change, KEY_MATCHES) == 0)
		fprintf(out, "%sleaves the filter", ftell(out) > start ? ", " : "");
}

static void print_cause(const struct subject *s, FILE *out)
{
	const struct value *cause = value_member(s->change, KEY_CAUSE);
	const char *source = value_text(cause, KEY_SOURCE);
	const char *action = value_text(cause, KEY_ACTION);
	int64_t seqnum = value_int(cause, KEY_SEQNUM, -1);
	int64_t merged = value_int(s->change, KEY_MERGED, 1);

	fprintf(out, "%s%s%s", source ? source : "", action ? " " : "", action ? action : "");
	if (seqnum >= 0)
		fprintf(out, " #%" PRId64, seqnum);
	if (merged > 1)
		fprintf(out, " (%" PRId64 " changes)", merged);
}

/* One part as a text of its own, as its width is needed before it can be written. */
static int part_text(const struct subject *s, void (*print)(const struct subject *, FILE *),
		     struct writer *ret)
{
	if (writer_open(ret) < 0)
		return -ENOMEM;
	print(s, ret->out);
	return writer_close(ret);
}

/* The bytes of a text that take at most this many columns. */
static size_t bytes_within(const char *text, size_t columns)
{
	size_t bytes = 0;

	for (; text[bytes]; bytes++) {
		bool starts = ((unsigned char)text[bytes] & 0xc0) != 0x80;

		if (starts && columns-- == 0)
			break;
	}
	return bytes;
}

/* Writes a text padded to one width and cut to another; most: 0 for whole. */
static void put(const struct terminal *t, const char *text, size_t least, size_t most, FILE *out)
{
	const char *ellipsis = terminal_ellipsis(t);
	size_t used = terminal_width(text);

	if (most && used > most) {
		size_t bytes = bytes_within(text, most - terminal_width(ellipsis));

		fprintf(out, "%.*s%s", (int)bytes, text, ellipsis);
		used = most;
	} else {
		fprintf(out, "%s", text);
	}
	fprintf(out, "%*s", used < least ? (int)(least - used) : 0, "");
}

/* Writes the note so that on a terminal the cause behind it is on the same line, if it can be. */
static void put_note(const struct terminal *t, const char *note, size_t others, FILE *out)
{
	size_t room = t->columns > others ? t->columns - others : 0;

	if (!t->is_terminal || room >= NOTE_WIDTH)
		put(t, note, NOTE_WIDTH, t->is_terminal ? room : 0, out);
	else if (room >= NOTE_WIDTH_MIN)
		put(t, note, room, room, out);
	else
		put(t, note, 0, 0, out);
}

int change_print(const struct value *change, const struct terminal *t, FILE *out)
{
	struct subject s = { t, change, value_member(change, KEY_DEVICE),
			     value_member(change, KEY_PREVIOUS) };
	cleanup_(writer_done) struct writer what = { 0 }, readiness = { 0 };
	cleanup_(writer_done) struct writer note = { 0 }, cause = { 0 };
	const char *address = value_text(change, KEY_ADDRESS);
	const char *colour = terminal_colour(t, device_readiness(s.now));
	char time[MOMENT_TEXT_MAX];
	size_t others;

	if (part_text(&s, print_what, &what) < 0 ||
	    part_text(&s, print_readiness, &readiness) < 0 ||
	    part_text(&s, print_note, &note) < 0 || part_text(&s, print_cause, &cause) < 0)
		return -ENOMEM;
	(void)moment_format_fine((uint64_t)value_int(change, KEY_OBSERVED_USEC, 0), time);
	address = address ? address : "-";
	others = strlen(time) + strlen(address) + WHAT_WIDTH + READINESS_WIDTH + cause.len + 10;
	fprintf(out, "%s  %s  ", time, address);
	put(t, what.text, WHAT_WIDTH, 0, out);
	fprintf(out, "  %s", colour ? colour : "");
	put(t, readiness.text, READINESS_WIDTH, 0, out);
	fprintf(out, "%s  ", colour ? TERMINAL_PLAIN : "");
	put_note(t, note.text, others, out);
	fprintf(out, "%s%s\n", cause.len ? "  " : "", cause.text);
	return 0;
}
