/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "pager.h"
#include "summary.h"
#include "vfmon/keys.h"
#include "vfmon/names.h"
#include "warning.h"
#include "writer.h"

/* What has come in. Replies are not kept: a host can have 16,384 functions. */
struct list {
	const struct options *options;
	const struct query *query;
	struct columns columns;
	struct render_table *table;
	struct summary summary;
	uint64_t rows;
	struct writer json; /* --json: the elements of the array so far */
	char *epoch;	    /* of the first reply: from there on a watch misses nothing */
	int64_t sequence;
};

static void list_done(struct list *l)
{
	l->table = render_table_free(l->table);
	writer_done(&l->json);
	free(l->epoch);
}

static int add_device(struct list *l, const struct value *device)
{
	const struct options *o = l->options;

	summary_add(&l->summary, device);
	if (o->lines && l->rows >= o->lines)
		return 0;
	l->rows++;
	if (!o->json)
		return columns_add_row(&l->columns, &o->terminal, device, l->table);
	fprintf(l->json.out, "%s", l->rows > 1 ? "," : "");
	return value_print(device, l->json.out);
}

static enum exit_status on_reply(const struct value *parameters, void *arg)
{
	struct list *l = arg;
	const struct value *devices = value_member(parameters, KEY_DEVICES);
	const char *epoch = value_text(parameters, KEY_EPOCH);

	if (!epoch)
		return query_failed(l->query, -EBADMSG);
	if (!l->epoch) {
		l->epoch = strdup(epoch);
		l->sequence = value_int(parameters, KEY_SEQUENCE, 0);
		if (!l->epoch)
			return query_no_memory();
	}
	for (size_t i = 0; i < value_count(devices); i++) {
		if (add_device(l, value_at(devices, i)) < 0)
			return query_no_memory();
	}
	return EXIT_STATUS_YES;
}

static enum exit_status print_json(struct list *l)
{
	if (writer_close(&l->json) < 0)
		return query_no_memory();
	printf("{\"" KEY_DEVICES "\":[");
	fwrite(l->json.text, 1, l->json.len, stdout);
	printf("],\"" KEY_EPOCH "\":");
	if (value_print_text(l->epoch, stdout) < 0)
		return query_no_memory();
	printf(",\"" KEY_SEQUENCE "\":%" PRId64 "}\n", l->sequence);
	return EXIT_STATUS_YES;
}

static void print_summary(const struct list *l)
{
	const struct summary *s = &l->summary;

	if (s->functions == 0) {
		if (!selection_is_empty(&l->options->selection))
			printf("No function matches.\n");
		else if (l->options->from)
			printf("There is no function in this dump.\n");
		else
			printf("vfmond sees no SR-IOV capable function on this host.\n");
		return;
	}
	printf("\n%zu function%s: ", s->functions, s->functions == 1 ? "" : "s");
	summary_print_readiness(s, stdout);
	printf(".");
	if (l->rows < s->functions)
		printf("  These are the first %" PRIu64 ".", l->rows);
	printf("  vfmonctl show ADDRESS tells more.\n");
}

static enum exit_status print_table(struct list *l)
{
	pid_t pager = pager_start(l->options);
	int r = render_table_print(l->table, stdout);

	if (r == 0 && !l->options->no_legend)
		print_summary(l);
	pager_finish(pager);
	return r < 0 ? query_no_memory() : EXIT_STATUS_YES;
}

static int prepare_columns(const struct options *o, struct columns *ret)
{
	cleanup_(writer_done) struct writer reason = { 0 };
	int r;

	if (writer_open(&reason) < 0)
		return -ENOMEM;
	r = columns_parse(o->columns, ret, reason.out);
	if (writer_close(&reason) < 0)
		return -ENOMEM;
	if (r == -EINVAL)
		fprintf(stderr, "vfmonctl: -o: %s\n", reason.text);
	return r;
}

static enum exit_status prepare(struct list *l)
{
	const struct options *o = l->options;
	int r = prepare_columns(o, &l->columns);

	if (r == -EINVAL)
		return EXIT_STATUS_USAGE;
	if (r == 0)
		r = o->json ? writer_open(&l->json)
			    : columns_new_table(&l->columns, &o->terminal, !o->no_legend,
						&l->table);
	return r < 0 ? query_no_memory() : EXIT_STATUS_YES;
}

enum exit_status verb_list(const struct options *o)
{
	cleanup_(query_close) struct query q = { 0 };
	cleanup_(list_done) struct list l = { .options = o, .query = &q };
	enum exit_status status = prepare(&l);

	if (status == EXIT_STATUS_YES)
		status = query_open(o, &q);
	if (status != EXIT_STATUS_YES)
		return status;
	selection_write(&o->selection, query_begin(&q, METHOD_LIST_DEVICES));
	status = query_each(&q, on_reply, &l);
	if (status == EXIT_STATUS_YES)
		status = warning_of_list(&q);
	if (status != EXIT_STATUS_YES)
		return status;
	return o->json ? print_json(&l) : print_table(&l);
}
