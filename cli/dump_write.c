/* SPDX-License-Identifier: Apache-2.0 */
#include "dump.h"

#include <sys/utsname.h>

#include "moment.h"
#include "vfmon/keys.h"
#include "vfmon/names.h"
#include "writer.h"

/* Elements of one array, collected from several replies. */
struct part {
	const char *key; /* of the replies */
	struct writer text;
	size_t elements;
};

struct collection {
	struct part devices;
	struct part history;
	struct value *status; /* the reply */
};

static void collection_done(struct collection *d)
{
	writer_done(&d->devices.text);
	writer_done(&d->history.text);
	d->status = value_free(d->status);
}

static enum exit_status on_part(const struct value *parameters, void *arg)
{
	struct part *part = arg;
	const struct value *elements = value_member(parameters, part->key);

	for (size_t i = 0; i < value_count(elements); i++) {
		fprintf(part->text.out, "%s", part->elements++ ? "," : "");
		if (value_print(value_at(elements, i), part->text.out) < 0)
			return query_no_memory();
	}
	return EXIT_STATUS_YES;
}

static enum exit_status collect(struct query *q, const char *method, struct part *part)
{
	enum exit_status status;

	if (writer_open(&part->text) < 0)
		return query_no_memory();
	(void)query_begin(q, method);
	status = query_each(q, on_part, part);
	if (status == EXIT_STATUS_YES && writer_close(&part->text) < 0)
		return query_no_memory();
	return status;
}

static enum exit_status collect_status(struct query *q, struct collection *d)
{
	struct reply reply;
	enum exit_status status;

	(void)query_begin(q, METHOD_GET_STATUS);
	status = query_one(q, &reply);
	if (status == EXIT_STATUS_YES)
		d->status = TAKE_PTR(reply.message);
	return status;
}

static const struct value *status_of(const struct collection *d)
{
	return value_member(value_member(d->status, KEY_PARAMETERS), KEY_STATUS);
}

static int print_member(FILE *out, const char *before, const char *key, const char *text)
{
	fprintf(out, "%s\"%s\":", before, key);
	return value_print_text(text ? text : "", out);
}

static int print_host(const struct collection *d, FILE *out)
{
	struct utsname uts = { 0 };
	char time[MOMENT_TEXT_MAX];

	(void)uname(&uts); /* fails only for a bad pointer */
	(void)moment_format_utc(moment_now_usec(), time);
	if (print_member(out, "{", KEY_NAME, uts.nodename) < 0 ||
	    print_member(out, ",", KEY_KERNEL, uts.release) < 0 ||
	    print_member(out, ",", KEY_BOOT_ID, value_text(status_of(d), KEY_BOOT_ID)) < 0 ||
	    print_member(out, ",", KEY_TIME, time) < 0)
		return -1;
	fprintf(out, "}");
	return 0;
}

static void print_array(FILE *out, const char *key, const struct part *part)
{
	fprintf(out, ",\"%s\":[", key);
	fwrite(part->text.text, 1, part->text.len, out);
	fprintf(out, "]");
}

static enum exit_status print_dump(const struct collection *d, FILE *out)
{
	int r;

	fprintf(out,
		"{\"" KEY_FORMAT "\":\"" DUMP_FORMAT "\",\"" KEY_VERSION "\":%d,\"" KEY_HOST "\":",
		DUMP_VERSION);
	r = print_host(d, out);
	print_array(out, KEY_DEVICES, &d->devices);
	fprintf(out, ",\"" KEY_STATUS "\":");
	if (r == 0)
		r = value_print(status_of(d), out);
	print_array(out, KEY_HISTORY, &d->history);
	fprintf(out, "}\n");
	return r < 0 ? query_no_memory() : EXIT_STATUS_YES;
}

enum exit_status dump_write(const struct options *o, FILE *out)
{
	cleanup_(collection_done) struct collection d = { .devices = { .key = KEY_DEVICES },
							  .history = { .key = KEY_CHANGES } };
	cleanup_(query_close) struct query q = { 0 };
	struct options exact = *o;
	enum exit_status status;

	exact.json = true; /* a dump is JSON anyway: texts as they came */
	status = query_open(&exact, &q);
	if (status == EXIT_STATUS_YES)
		status = collect(&q, METHOD_LIST_DEVICES, &d.devices);
	if (status == EXIT_STATUS_YES)
		status = collect_status(&q, &d);
	if (status == EXIT_STATUS_YES)
		status = collect(&q, METHOD_GET_HISTORY, &d.history);
	return status == EXIT_STATUS_YES ? print_dump(&d, out) : status;
}
