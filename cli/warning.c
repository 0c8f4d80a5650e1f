/* SPDX-License-Identifier: Apache-2.0 */
#include "warning.h"

#include <string.h>

#include "vfmon/cleanup.h"
#include "vfmon/keys.h"
#include "vfmon/names.h"

static bool is_found(const struct value *findings, const char *path)
{
	for (size_t i = 0; i < value_count(findings); i++) {
		const char *file = value_text(value_at(findings, i), KEY_FILE);

		if (file && strcmp(file, path) == 0)
			return true;
	}
	return false;
}

/* findings is NULL: nobody has told what is wrong, and check does. */
static bool say_file(const struct value *file, const struct value *findings)
{
	const char *path = value_text(file, KEY_PATH), *error = value_text(file, KEY_ERROR);

	if (!path || !error || is_found(findings, path))
		return false;
	if (findings)
		fprintf(stderr, "vfmonctl: %s\n", error);
	else
		fprintf(stderr,
			"vfmonctl: %s is refused, so that an older configuration or none is in "
			"force: vfmonctl check tells why\n",
			path);
	return true;
}

static enum exit_status ask_status(struct query *q, struct reply *ret)
{
	(void)query_begin(q, METHOD_GET_STATUS); /* it has no parameters */
	return query_one(q, ret);
}

static const struct value *status_member(const struct reply *reply, const char *key)
{
	return value_member(value_member(reply->parameters, KEY_STATUS), key);
}

static size_t say_files(const struct reply *reply, const struct value *findings)
{
	const struct value *files = status_member(reply, KEY_CONFIG_FILES);
	size_t said = 0;

	for (size_t i = 0; i < value_count(files); i++)
		said += say_file(value_at(files, i), findings);
	return said;
}

static void say_silent(const struct reply *reply)
{
	const struct value *silent = status_member(reply, KEY_NOT_ANSWERING);
	size_t count = value_count(silent);

	if (count == 0)
		return;
	fprintf(stderr, "vfmonctl: %zu function%s not answer:", count,
		count == 1 ? " does" : "s do");
	for (size_t i = 0; i < count; i++)
		fprintf(stderr, "%s %s", i ? "," : "", value_text_at(silent, i));
	fprintf(stderr, "; listed as last seen, or not at all\n");
}

enum exit_status warning_of_own_files(struct query *q, const struct value *findings,
				      size_t *ret_count)
{
	cleanup_(reply_done) struct reply reply = { 0 };
	enum exit_status status = q->host ? EXIT_STATUS_YES : ask_status(q, &reply);

	*ret_count = status == EXIT_STATUS_YES ? say_files(&reply, findings) : 0;
	return status;
}

enum exit_status warning_of_configuration(struct query *q)
{
	size_t count;

	return warning_of_own_files(q, NULL, &count);
}

enum exit_status warning_of_list(struct query *q)
{
	cleanup_(reply_done) struct reply reply = { 0 };
	enum exit_status status = q->host ? EXIT_STATUS_YES : ask_status(q, &reply);

	if (status != EXIT_STATUS_YES)
		return status;
	(void)say_files(&reply, NULL);
	say_silent(&reply);
	return EXIT_STATUS_YES;
}

enum exit_status warning_ask_silent(struct query *q, const char *address, bool *ret)
{
	cleanup_(reply_done) struct reply reply = { 0 };
	enum exit_status status = q->host ? EXIT_STATUS_YES : ask_status(q, &reply);

	*ret = value_lists_text(status_member(&reply, KEY_NOT_ANSWERING), address);
	return status;
}
