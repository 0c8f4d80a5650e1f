/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs.h"

#include <errno.h>
#include <string.h>

#include "columns.h"
#include "pager.h"
#include "vfmon/keys.h"
#include "vfmon/names.h"
#include "writer.h"

#define USUAL "MARK,ADDRESS,KIND,DRIVER,CLASS,MANAGED,READINESS,NOTE"

struct answer {
	const struct options *options;
	const struct value *devices;
	const struct value *placed; /* with Placement; NULL: it is not asked */
	const char *property;
	struct columns columns;
};

static size_t count_of_one(size_t count, const struct options *o)
{
	return o->lines && o->lines < count ? (size_t)o->lines : count;
}

static int prepare_columns(const struct options *o, struct columns *ret)
{
	cleanup_(writer_done) struct writer reason = { 0 };
	int r;

	if (writer_open(&reason) < 0)
		return -ENOMEM;
	r = columns_parse(o->columns ? o->columns : USUAL, ret, reason.out);
	if (writer_close(&reason) < 0)
		return -ENOMEM;
	if (r == -EINVAL)
		fprintf(stderr, "vfmonctl: -o: %s\n", reason.text);
	return r;
}

static int make_table(const struct answer *a, struct render_table **ret)
{
	const struct options *o = a->options;
	cleanup_(render_table_freep) struct render_table *table = NULL;
	size_t shown = count_of_one(value_count(a->devices), o);
	int r = columns_new_table(&a->columns, &o->terminal, !o->no_legend, &table);

	for (size_t i = 0; r == 0 && i < shown; i++)
		r = columns_add_row(&a->columns, &o->terminal, value_at(a->devices, i), table);
	if (r == 0)
		*ret = TAKE_PTR(table);
	return r;
}

static void print_placed(const struct answer *a)
{
	size_t count = value_count(a->placed);

	if (!a->placed)
		return;
	printf("With Placement");
	if (count == value_count(a->devices)) {
		printf(": %s.\n", count ? "the same" : "none");
		return;
	}
	if (count == 0) {
		printf(": none; no provider has the class and all traits that it asks for.\n");
		return;
	}
	printf(" only");
	for (size_t i = 0; i < count; i++)
		printf(" %s", value_text(value_at(a->placed, i), KEY_ADDRESS));
	printf("\n");
}

/* As a word for a shell: in single quotes if it has what means something to one. */
static void print_word(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_:.,/+-";

	if (*text && text[strspn(text, plain)] == '\0') {
		printf("\"%s\"", text);
		return;
	}
	printf("'");
	for (; *text; text++) {
		if (*text == '\'')
			printf("'\\''");
		else
			printf("%c", *text);
	}
	printf("'");
}

/* The property is NAME=VALUE. */
static void print_command(const struct answer *a)
{
	const char *equals = strchr(a->property, '=');
	const struct terminal *t = &a->options->terminal;

	printf("%s openstack flavor set FLAVOR --property ", terminal_arrow(t));
	if (equals) {
		printf("\"%.*s\"=", (int)(equals - a->property), a->property);
		print_word(equals + 1);
	} else {
		print_word(a->property);
	}
	printf("\n");
}

static int print_table(const struct answer *a)
{
	cleanup_(render_table_freep) struct render_table *table = NULL;
	const char *name = a->options->args[1];
	size_t count = value_count(a->devices);
	int r = make_table(a, &table);
	pid_t pager;

	if (r < 0)
		return r;
	pager = pager_start(a->options);
	r = render_table_print(table, stdout);
	if (!a->options->no_legend) {
		printf("%s", count ? "\n" : "");
		printf("A flavor that asks for %s can get %zu function%s.\n", name, count,
		       count == 1 ? "" : "s");
		print_placed(a);
		print_command(a);
	}
	pager_finish(pager);
	return r;
}

enum exit_status verb_alias(const struct options *o)
{
	cleanup_(query_close) struct query q = { 0 };
	cleanup_(reply_done) struct reply reply = { 0 };
	struct answer answer = { .options = o };
	int r = prepare_columns(o, &answer.columns);
	enum exit_status status = r == -EINVAL ? EXIT_STATUS_USAGE : EXIT_STATUS_YES;
	struct json_text *call;

	if (r == -ENOMEM)
		return query_no_memory();
	if (status == EXIT_STATUS_YES)
		status = query_open(o, &q);
	if (status != EXIT_STATUS_YES)
		return status;
	call = query_begin(&q, METHOD_RESOLVE_ALIAS);
	json_text_key(call, KEY_NAME);
	json_text_string(call, o->args[1]);
	status = query_one(&q, &reply);
	if (status != EXIT_STATUS_YES)
		return status;
	answer.devices = value_member(reply.parameters, KEY_DEVICES);
	answer.placed = value_member(reply.parameters, KEY_DEVICES_WITH_PLACEMENT);
	answer.property = value_text(reply.parameters, KEY_FLAVOR_PROPERTY);
	if (!value_is_array(answer.devices) || !answer.property)
		return query_failed(&q, -EBADMSG);
	r = o->json ? value_print(reply.parameters, stdout) : print_table(&answer);
	if (o->json)
		printf("\n");
	return r < 0 ? query_no_memory() : EXIT_STATUS_YES;
}
