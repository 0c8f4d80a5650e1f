/* SPDX-License-Identifier: Apache-2.0 */
#include "conffile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"
#include "moment.h"
#include "vfmon/cleanup.h"
#include "vfmon/names.h"
#include "wholefile.h"

struct bytes {
	char *data;
	size_t len;
};

static void free_bytes(struct bytes *b)
{
	free(b->data);
}

/* One journal entry for one thing that is wrong; the position is NULL for the file as a whole. */
static void log_problem(const struct conffile *f, const struct spec_error *where,
			const char *reason)
{
	char line[16] = "", column[16] = "";
	const struct log_field fields[] = {
		{ JOURNAL_FIELD("FILE"), f->path },
		{ JOURNAL_FIELD("LINE"), where ? line : NULL },
		{ JOURNAL_FIELD("COLUMN"), where ? column : NULL },
		{ JOURNAL_FIELD("ERROR"), reason },
		{ NULL, NULL },
	};

	if (!where) {
		journal_event(JOURNAL_CONFIG_ERROR, fields, "%s: %s", f->path, reason);
		return;
	}
	snprintf(line, sizeof(line), "%u", where->line);
	snprintf(column, sizeof(column), "%u", where->column);
	journal_event(JOURNAL_CONFIG_ERROR, fields, "%s:%u:%u: %s", f->path, where->line,
		      where->column, reason);
}

/*
 * All that is wrong with the file as one text, what broke it first as that is what has to be mended
 * first; the caller frees. NULL: nothing is wrong, or no memory.
 */
static char *problems_text(const struct conffile *f, const struct config *c)
{
	char *text = NULL, line[512];
	size_t size;
	FILE *out = c->problem_count > 0 ? open_memstream(&text, &size) : NULL;

	if (!out)
		return NULL;
	if (c->broken)
		fprintf(out, "%s; ", c->error);
	for (size_t i = 0; i < c->problem_count; i++) {
		const struct spec_error *p = &c->problems[i];

		snprintf(line, sizeof(line), "%s:%u:%u: %s", f->path, p->line, p->column,
			 p->reason);
		if (!c->broken || strcmp(line, c->error) != 0)
			fprintf(out, "%s; ", line);
	}
	if (!c->broken)
		fputs("the rest of the file is in force", out);
	else if (f->in_force)
		fputs("the configuration from before stays in force", out);
	else
		fputs("no device_spec is in force", out);
	fclose(out);
	return text;
}

static void set_error(struct conffile *f, char *error)
{
	free(f->error);
	f->error = error;
}

static int take_into_force(struct conffile *f, struct config *c, struct config **ret_old)
{
	*ret_old = f->in_force;
	f->in_force = c;
	return 1;
}

static int load_bytes(struct conffile *f, const struct bytes *b, struct config **ret_old)
{
	cleanup_(config_freep) struct config *c = NULL;
	int r = config_parse(f->path, b->data, b->len, &c);

	if (r < 0)
		return r;
	for (size_t i = 0; i < c->problem_count; i++)
		log_problem(f, &c->problems[i], c->problems[i].reason);
	set_error(f, problems_text(f, c));
	if (c->broken && f->in_force)
		return 0;
	f->loaded_usec = clock_usec(CLOCK_REALTIME);
	return take_into_force(f, TAKE_PTR(c), ret_old);
}

static int note_unreadable(struct conffile *f, int error, struct config **ret_old)
{
	const char *kept = f->in_force ? "; the configuration from before stays in force" : "";
	const char *reason = wholefile_reason(error);
	struct config *defaults;
	char *text;
	int r;

	log_problem(f, NULL, reason);
	set_error(f, asprintf(&text, "%s: %s%s", f->path, reason, kept) < 0 ? NULL : text);
	if (f->in_force)
		return 0;
	r = config_parse(f->path, NULL, 0, &defaults);
	return r < 0 ? r : take_into_force(f, defaults, ret_old);
}

int conffile_load(struct conffile *f, struct config **ret_old)
{
	cleanup_(free_bytes) struct bytes b = { NULL, 0 };
	int r = wholefile_read(f->path, WHOLEFILE_FOLLOW, &b.data, &b.len);

	if (r == 0 || (r == -ENOENT && !f->must_exist))
		return load_bytes(f, &b, ret_old);
	return note_unreadable(f, r, ret_old);
}

void conffile_done(struct conffile *f)
{
	f->in_force = config_free(f->in_force);
	free(f->error);
	f->error = NULL;
}
