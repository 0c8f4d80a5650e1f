/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs.h"

#include <errno.h>
#include <inttypes.h>

#include "pager.h"
#include "render.h"
#include "vfmon/keys.h"
#include "vfmon/names.h"
#include "vfmon/vf.h"
#include "writer.h"

/* What of the reply is shown: it is one, however many providers it has. */
struct answer {
	const struct options *options;
	const struct value *providers;
	const char *refused; /* NULL: nova-compute would start */
	size_t shown;
};

enum column { COLUMN_NAME, COLUMN_CLASS, COLUMN_TOTAL, COLUMN_TRAITS, COLUMN_COUNT };

static const struct {
	const char *heading;
	enum render_column look;
} columns[COLUMN_COUNT] = {
	[COLUMN_NAME] = { "NAME", RENDER_LEFT },
	[COLUMN_CLASS] = { "CLASS", RENDER_LEFT },
	[COLUMN_TOTAL] = { "TOTAL", RENDER_RIGHT },
	[COLUMN_TRAITS] = { "TRAITS", RENDER_CUT },
};

static void print_cell(const struct value *provider, enum column column, FILE *out)
{
	const struct value *traits = value_member(provider, KEY_TRAITS);
	const char *text = NULL;

	switch (column) {
	case COLUMN_NAME:
	case COLUMN_CLASS:
		text = value_text(provider, column == COLUMN_NAME ? KEY_NAME : KEY_RESOURCE_CLASS);
		fprintf(out, "%s", text ? text : "-");
		break;
	case COLUMN_TOTAL:
		fprintf(out, "%" PRId64, value_int(provider, KEY_TOTAL, 0));
		break;
	case COLUMN_TRAITS:
		for (size_t i = 0; i < value_count(traits); i++)
			fprintf(out, "%s%s", i ? "," : "", value_text_at(traits, i));
		break;
	case COLUMN_COUNT:
		break;
	}
}

static int add_row(struct render_table *table, const struct value *provider)
{
	int r = render_table_add_row(table);

	for (int i = 0; r == 0 && i < COLUMN_COUNT; i++) {
		cleanup_(writer_done) struct writer text = { 0 };

		if (writer_open(&text) < 0)
			return -ENOMEM;
		print_cell(provider, (enum column)i, text.out);
		if (writer_close(&text) < 0)
			return -ENOMEM;
		r = render_table_set(table, (size_t)i, text.text, NULL);
	}
	return r;
}

static int make_table(const struct answer *a, struct render_table **ret)
{
	cleanup_(render_table_freep) struct render_table *table = NULL;
	int r = render_table_new(&a->options->terminal, !a->options->no_legend, &table);

	for (int i = 0; r == 0 && i < COLUMN_COUNT; i++)
		r = render_table_add_column(table, columns[i].heading, columns[i].look);
	for (size_t i = 0; r == 0 && i < a->shown; i++)
		r = add_row(table, value_at(a->providers, i));
	if (r == 0)
		*ret = TAKE_PTR(table);
	return r;
}

/* Also without headings: what follows would be taken for what Placement gets. */
static void print_refused(const struct answer *a)
{
	const char *look = vf_readiness_name(VF_READINESS_BLOCKED);
	const char *colour = terminal_colour(&a->options->terminal, look);

	if (a->refused)
		printf("%snova-compute would not start%s: %s\n", colour ? colour : "",
		       colour ? TERMINAL_PLAIN : "", a->refused);
}

static void print_sum(const struct answer *a)
{
	size_t count = value_count(a->providers);

	if (count == 0 && !a->refused)
		printf("nova-compute would report no PCI device to Placement.\n");
	if (a->shown < count)
		printf("\nThese are the first %zu of %zu providers.\n", a->shown, count);
}

static int print_table(const struct answer *a)
{
	cleanup_(render_table_freep) struct render_table *table = NULL;
	int r = make_table(a, &table);
	pid_t pager;

	if (r < 0)
		return r;
	pager = pager_start(a->options);
	print_refused(a);
	r = render_table_print(table, stdout);
	if (!a->options->no_legend)
		print_sum(a);
	pager_finish(pager);
	return r;
}

/* "refused" is there also when it is null. */
static int print_json(const struct answer *a)
{
	int r = 0;

	printf("{\"" KEY_PROVIDERS "\":[");
	for (size_t i = 0; r == 0 && i < a->shown; i++) {
		printf("%s", i ? "," : "");
		r = value_print(value_at(a->providers, i), stdout);
	}
	printf("],\"" KEY_REFUSED "\":");
	if (r == 0 && a->refused)
		r = value_print_text(a->refused, stdout);
	else
		printf("null");
	printf("}\n");
	return r;
}

enum exit_status verb_providers(const struct options *o)
{
	cleanup_(query_close) struct query q = { 0 };
	cleanup_(reply_done) struct reply reply = { 0 };
	enum exit_status status = query_open(o, &q);
	struct answer answer = { .options = o };

	if (status != EXIT_STATUS_YES)
		return status;
	(void)query_begin(&q, METHOD_LIST_RESOURCE_PROVIDERS);
	status = query_one(&q, &reply);
	if (status != EXIT_STATUS_YES)
		return status;
	answer.providers = value_member(reply.parameters, KEY_PROVIDERS);
	answer.refused = value_text(reply.parameters, KEY_REFUSED);
	if (!value_is_array(answer.providers))
		return query_failed(&q, -EBADMSG);
	answer.shown = value_count(answer.providers);
	if (o->lines && o->lines < answer.shown)
		answer.shown = (size_t)o->lines;
	if ((o->json ? print_json(&answer) : print_table(&answer)) < 0)
		return query_no_memory();
	return EXIT_STATUS_YES;
}
