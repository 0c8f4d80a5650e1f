/* SPDX-License-Identifier: Apache-2.0 */
#include "problem.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"
#include "vfmon/config.h"
#include "vfmon/finding.h"
#include "vfmon/memtext.h"

/* So many are told in GetStatus and the log; CheckConfiguration has all. */
#define MOST 32

void problem_log(const char *path, unsigned int line, unsigned int column, const char *reason)
{
	char line_text[16], column_text[16], place[40] = "";
	const struct log_field fields[] = {
		{ JOURNAL_FIELD("FILE"), path },
		{ JOURNAL_FIELD("LINE"), line ? line_text : NULL },
		{ JOURNAL_FIELD("COLUMN"), column ? column_text : NULL },
		{ JOURNAL_FIELD("ERROR"), reason },
		{ NULL, NULL },
	};

	(void)snprintf(line_text, sizeof(line_text), "%u", line);
	(void)snprintf(column_text, sizeof(column_text), "%u", column);
	if (line)
		(void)snprintf(place, sizeof(place), ":%s%s%s", line_text, column ? ":" : "",
			       column ? column_text : "");
	journal_event(JOURNAL_CONFIG_ERROR, fields, "%s%s: %s", path, place, reason);
}

void problem_log_findings(const struct findings *findings)
{
	size_t told = 0;

	for (size_t i = 0; i < findings->count && told < MOST; i++) {
		const struct finding *f = &findings->items[i];

		if (f->level != FINDING_REFUSED || !f->file)
			continue;
		problem_log(f->file, f->line, f->column, f->message);
		told++;
	}
}

static void put(FILE *out, const char *path, unsigned int line, unsigned int column,
		const char *reason)
{
	fputs(path, out);
	if (line)
		fprintf(out, ":%u", line);
	if (line && column)
		fprintf(out, ":%u", column);
	fprintf(out, ": %s; ", reason);
}

static size_t put_findings(FILE *out, const char *path, const struct findings *findings)
{
	size_t told = 0;

	for (size_t i = 0; findings && i < findings->count && told < MOST; i++) {
		const struct finding *f = &findings->items[i];

		if (f->level != FINDING_REFUSED || !f->file || strcmp(f->file, path) != 0)
			continue;
		put(out, path, f->line, f->column, f->message);
		told++;
	}
	return told;
}

char *problem_text(const char *path, const struct findings *findings, const struct config *config,
		   const char *consequence)
{
	struct memtext text;
	FILE *out = memtext_open(&text);
	size_t told;

	if (!out)
		return NULL;
	told = put_findings(out, path, findings);
	for (size_t i = 0; config && i < config->problem_count; i++, told++)
		put(out, path, config->problems[i].line, config->problems[i].column,
		    config->problems[i].reason);
	fputs(consequence, out);
	if (memtext_close(out, &text) == 0 && told > 0)
		return text.bytes;
	free(text.bytes);
	return NULL;
}
