/* SPDX-License-Identifier: Apache-2.0 */
#include "journal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/names.h"
#include "vfmon/readiness.h"
#include "vfmon/registry.h"
#include "vfmon/text.h"
#include "vfmon/vf.h"

#define SECOND_USEC 1000000U
#define NUMBER_MAX 21
#define WHAT_MAX 512

/* Never change or reuse an id: operators' filters and the catalog know them. */
static const struct {
	const char *id;
	enum log_level level;
} events[] = {
	[JOURNAL_READY] = { "741df4aa93724e309f338936b7a5954a", LOG_LEVEL_INFO },
	[JOURNAL_STOPPING] = { "cb509c8767bd4865ab50317a52707155", LOG_LEVEL_INFO },
	[JOURNAL_RELOADED] = { "a493dced85d34f82866d97493842aec1", LOG_LEVEL_INFO },
	[JOURNAL_CONFIG_ERROR] = { "4a5c6974be8f4b678373f80715f990d1", LOG_LEVEL_WARNING },
	[JOURNAL_RESYNC] = { "0feae71cea614b30b6cd66b6c70f3f95", LOG_LEVEL_WARNING },
	[JOURNAL_SOURCE_BLIND] = { "dd5db834ace84f20877c89c61c854e15", LOG_LEVEL_WARNING },
	[JOURNAL_NOT_ANSWERING] = { "cc48c42101d44d3badc88c74a3513e0e", LOG_LEVEL_WARNING },
	[JOURNAL_ANSWERING] = { "4e194c7cf2d74e59b6158ef6744a21a6", LOG_LEVEL_INFO },
	[JOURNAL_NOT_READING] = { "46a1950ecb864260b8cd562769c66ca3", LOG_LEVEL_ERR },
	[JOURNAL_CLIENT_DROPPED] = { "37880c3677c44a3ab15c799b8f65be02", LOG_LEVEL_INFO },
	[JOURNAL_APPEARED] = { "6e0964470cc54b8ea601b9ff4c974c66", LOG_LEVEL_INFO },
	[JOURNAL_DISAPPEARED] = { "8cb6937fa59c48ada3bfc53c81e2eb59", LOG_LEVEL_INFO },
	[JOURNAL_BINDING] = { "01dca7aa0801401fb9f7cda257746bfa", LOG_LEVEL_INFO },
	[JOURNAL_CHANGED] = { "82470762e41e470cbdb67a42f0dac423", LOG_LEVEL_DEBUG },
	[JOURNAL_STORM] = { "267377cdee074f7ab368c95b2d5c34db", LOG_LEVEL_INFO },
	[JOURNAL_FINDING] = { "82450749663342949dd27610e0d29b7d", LOG_LEVEL_WARNING },
};
_Static_assert(sizeof(events) / sizeof(*events) == JOURNAL_EVENT_COUNT, "each event has a row");

/* Fields whose change an operator looks for in the journal without asking for debug lines. */
#define NOTABLE_FIELDS ((1ULL << VF_FIELD_NUM_VFS) | (1ULL << VF_FIELD_READINESS))

static const char *const change_names[] = {
	[CHANGE_APPEARED] = "appeared",
	[CHANGE_CHANGED] = "changed",
	[CHANGE_DISAPPEARED] = "disappeared",
};
_Static_assert(sizeof(change_names) / sizeof(*change_names) == CHANGE_KIND_COUNT,
	       "each kind of change has a name");

struct journal {
	uint64_t second_usec; /* when the present second began */
	unsigned int lines;   /* in it */
	uint64_t counted[CHANGE_KIND_COUNT];
	uint64_t first_sequence; /* of those that were only counted; 0: none */
	uint64_t last_sequence;
	uint64_t minute_usec;  /* when the present minute of findings began */
	unsigned int findings; /* that were logged in it */
};

const char *journal_event_id(enum journal_event event)
{
	return events[event].id;
}

enum log_level journal_event_level(enum journal_event event)
{
	return events[event].level;
}

void journal_event(enum journal_event event, const struct log_field *fields, const char *format,
		   ...)
{
	const struct log_entry entry = { events[event].level, events[event].id, fields };
	char message[WHAT_MAX];
	va_list args;

	va_start(args, format);
	int len = vsnprintf(message, sizeof(message), format, args);
	va_end(args);
	if (len >= 0)
		log_structured(&entry, "%s", message);
}

int journal_new(struct journal **ret)
{
	struct journal *j = calloc(1, sizeof(*j));

	if (!j)
		return -ENOMEM;
	*ret = j;
	return 0;
}

struct journal *journal_free(struct journal *j)
{
	free(j);
	return NULL;
}

/* The image that says most: the new one, or the last of one that is gone. */
static const struct vf *change_image(const struct change *change)
{
	return change->device ? change->device : change->previous;
}

static enum journal_event change_event(const struct change *change)
{
	const uint64_t binding = 1ULL << VF_FIELD_BINDING;

	switch (change->kind) {
	case CHANGE_APPEARED:
		return JOURNAL_APPEARED;
	case CHANGE_DISAPPEARED:
		return JOURNAL_DISAPPEARED;
	case CHANGE_CHANGED:
	case CHANGE_KIND_COUNT:
		break;
	}
	return change->fields & binding ? JOURNAL_BINDING : JOURNAL_CHANGED;
}

static enum log_level change_level(const struct change *change, enum journal_event event)
{
	if (event == JOURNAL_CHANGED && change->fields & NOTABLE_FIELDS)
		return LOG_LEVEL_INFO;
	return events[event].level;
}

/* Texts of one line, so that fields can point to them. */
struct change_text {
	char addr[PCI_ADDR_TEXT_MAX];
	char pf[PCI_ADDR_TEXT_MAX];
	char sequence[NUMBER_MAX];
	char generation[NUMBER_MAX];
	char seqnum[NUMBER_MAX];
	char fields[WHAT_MAX];
};

static const char *number(char buf[static NUMBER_MAX], uint64_t value)
{
	(void)snprintf(buf, NUMBER_MAX, "%" PRIu64, value);
	return buf;
}

/* A line of names cut at its end is still a line. */
static void __attribute__((format(printf, 3, 4)))
append(char *buf, size_t size, const char *format, ...)
{
	size_t used = strlen(buf);
	va_list args;

	va_start(args, format);
	int len = vsnprintf(buf + used, size - used, format, args);
	va_end(args);
	if (len < 0)
		buf[used] = '\0';
}

static const char *field_names(char *buf, size_t size, uint64_t mask)
{
	buf[0] = '\0';
	for (int f = 0; f < VF_FIELD_COUNT; f++)
		if (mask & (1ULL << f))
			append(buf, size, "%s%s", *buf ? "," : "", vf_field_name((enum vf_field)f));
	return buf;
}

static const char *pf_text(struct change_text *text, const struct vf *vf)
{
	if (vf->kind == VF_KIND_PF)
		return text->addr;
	return vf->has_physical_function ? pci_addr_format(&vf->physical_function, text->pf) : NULL;
}

struct field_list {
	struct log_field field[LOG_FIELDS_MAX];
	size_t count;
};

static void put(struct field_list *list, const char *name, const char *value)
{
	if (value && list->count + 1 < LOG_FIELDS_MAX)
		list->field[list->count++] = (struct log_field){ name, value };
}

static void put_identity(struct field_list *list, struct change_text *text,
			 const struct change *change)
{
	const struct vf *vf = change_image(change);

	put(list, JOURNAL_VF, vf->kind == VF_KIND_VF ? text->addr : NULL);
	put(list, JOURNAL_PF, pf_text(text, vf));
	put(list, JOURNAL_FIELD("ADDRESS"), text->addr);
	put(list, JOURNAL_FIELD("KIND"), vf_kind_name(vf->kind));
	put(list, JOURNAL_FIELD("CHANGE"), change_names[change->kind]);
	put(list, JOURNAL_FIELD("GENERATION"), number(text->generation, change->generation));
	put(list, JOURNAL_FIELD("SEQUENCE"), number(text->sequence, change->sequence));
	if (change->fields)
		put(list, JOURNAL_FIELD("FIELDS"),
		    field_names(text->fields, sizeof(text->fields), change->fields));
}

static void put_states(struct field_list *list, const struct vf *device, const struct vf *previous)
{
	if (device) {
		put(list, JOURNAL_FIELD("DRIVER"), text_str(device->driver));
		put(list, JOURNAL_FIELD("BINDING"), vf_binding_name(device->binding));
		put(list, JOURNAL_FIELD("READINESS"), vf_readiness_name(device->readiness));
	}
	if (previous) {
		put(list, JOURNAL_FIELD("DRIVER_PREVIOUS"), text_str(previous->driver));
		put(list, JOURNAL_FIELD("BINDING_PREVIOUS"), vf_binding_name(previous->binding));
		put(list, JOURNAL_FIELD("READINESS_PREVIOUS"),
		    vf_readiness_name(previous->readiness));
	}
}

/* The journal takes a field several times: each code can be asked for by itself. */
static void put_reasons(struct field_list *list, const char *name, const struct vf *vf)
{
	enum reason_code code;
	size_t cursor = 0;

	while (vf && readiness_next_reason(vf, &cursor, &code))
		put(list, name, reason_code_name(code));
}

static void put_cause(struct field_list *list, struct change_text *text, const struct cause *cause)
{
	put(list, JOURNAL_FIELD("CAUSE"), cause_source_name(cause->source));
	put(list, JOURNAL_FIELD("CAUSE_ACTION"), cause_action_name(cause->action));
	if (cause->seqnum)
		put(list, JOURNAL_FIELD("CAUSE_SEQNUM"), number(text->seqnum, cause->seqnum));
}

static void append_kind(char *what, const struct vf *vf)
{
	char pf[PCI_ADDR_TEXT_MAX];

	switch ((enum vf_kind)vf->kind) {
	case VF_KIND_PF:
		append(what, WHAT_MAX, "physical function, %d of %d VFs", vf->num_vfs,
		       vf->total_vfs);
		return;
	case VF_KIND_VF:
		append(what, WHAT_MAX, "virtual function");
		if (vf->vf_index >= 0)
			append(what, WHAT_MAX, " %d", vf->vf_index);
		if (vf->has_physical_function)
			append(what, WHAT_MAX, " of %s",
			       pci_addr_format(&vf->physical_function, pf));
		return;
	case VF_KIND_PCI:
	case VF_KIND_COUNT:
		break;
	}
	append(what, WHAT_MAX, "function");
}

static void append_binding(char *what, const struct vf *vf)
{
	append(what, WHAT_MAX, "%s", vf_binding_name(vf->binding));
	if (vf->driver)
		append(what, WHAT_MAX, " (%s)", text_str(vf->driver));
}

/* With the worst reason there is. */
static void append_readiness(char *what, const struct vf *vf)
{
	enum reason_code code;
	size_t cursor = 0;

	append(what, WHAT_MAX, "%s", vf_readiness_name(vf->readiness));
	if (readiness_next_reason(vf, &cursor, &code))
		append(what, WHAT_MAX, " (%s)", reason_code_name(code));
}

static void append_changes(char *what, const struct change *change)
{
	const struct vf *old = change->previous, *new = change->device;
	char names[WHAT_MAX];

	if (change->fields & (1ULL << VF_FIELD_BINDING)) {
		append_binding(what, old);
		append(what, WHAT_MAX, " -> ");
		append_binding(what, new);
	} else if (change->fields & (1ULL << VF_FIELD_NUM_VFS)) {
		append(what, WHAT_MAX, "VFs %d -> %d", old->num_vfs, new->num_vfs);
	} else {
		append(what, WHAT_MAX, "changed: %s",
		       field_names(names, sizeof(names), change->fields));
	}
	if (change->fields & (1ULL << VF_FIELD_READINESS)) {
		append(what, WHAT_MAX, ", readiness ");
		append_readiness(what, old);
		append(what, WHAT_MAX, " -> ");
		append_readiness(what, new);
	}
}

/* The line behind the address. */
static void describe(char *what, const struct change *change)
{
	what[0] = '\0';
	if (change->kind == CHANGE_CHANGED) {
		append_changes(what, change);
		return;
	}
	append(what, WHAT_MAX, "%s: ", change_names[change->kind]);
	append_kind(what, change_image(change));
	append(what, WHAT_MAX, ", ");
	append_binding(what, change_image(change));
}

static void write_change(const struct change *change, enum journal_event event, const char *tail)
{
	struct change_text text;
	struct field_list list = { 0 };
	char what[WHAT_MAX];

	(void)pci_addr_format(&change->addr, text.addr);
	put_identity(&list, &text, change);
	put_states(&list, change->device, change->previous);
	put_cause(&list, &text, &change->cause);
	put_reasons(&list, JOURNAL_FIELD("REASON"), change->device);
	put_reasons(&list, JOURNAL_FIELD("REASON_PREVIOUS"), change->previous);
	describe(what, change);

	const struct log_entry entry = { change_level(change, event), events[event].id,
					 list.field };

	log_structured(&entry, "%s %s%s", text.addr, what, tail);
}

/* Returns whether it is the first that is only counted. */
static bool count_change(struct journal *j, const struct change *change)
{
	bool first = j->first_sequence == 0;

	if (first)
		j->first_sequence = change->sequence;
	j->last_sequence = change->sequence;
	j->counted[change->kind]++;
	return first;
}

bool journal_change(struct journal *j, const struct change *change, uint64_t now_usec)
{
	enum journal_event event = change_event(change);

	if (!log_is_on(change_level(change, event)))
		return false;
	if (j->first_sequence == 0 && now_usec - j->second_usec >= SECOND_USEC) {
		j->second_usec = now_usec;
		j->lines = 0;
	}
	if (j->lines == JOURNAL_LINES_PER_SECOND)
		return count_change(j, change);
	j->lines++;
	write_change(change, event, "");
	return false;
}

void journal_finding(struct journal *j, const struct change *change, uint64_t now_usec)
{
	if (now_usec - j->minute_usec >= 60 * (uint64_t)SECOND_USEC) {
		j->minute_usec = now_usec;
		j->findings = 0;
	}
	if (j->findings++ < JOURNAL_FINDINGS)
		write_change(change, JOURNAL_FINDING, ": no event told, the audit has found it");
}

void journal_flush(struct journal *j)
{
	char first[NUMBER_MAX], last[NUMBER_MAX];
	const struct log_field fields[] = {
		{ JOURNAL_FIELD("SEQUENCE_FIRST"), number(first, j->first_sequence) },
		{ JOURNAL_FIELD("SEQUENCE"), number(last, j->last_sequence) },
		{ 0 },
	};

	if (j->first_sequence == 0)
		return;
	journal_event(JOURNAL_STORM, fields,
		      "many changes at once, not logged one by one: %" PRIu64 " appeared, %" PRIu64
		      " changed, %" PRIu64 " disappeared (sequence %s to %s, see vfmonctl history)",
		      j->counted[CHANGE_APPEARED], j->counted[CHANGE_CHANGED],
		      j->counted[CHANGE_DISAPPEARED], first, last);
	*j = (struct journal){ .minute_usec = j->minute_usec, .findings = j->findings };
}
