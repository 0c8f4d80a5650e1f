/* SPDX-License-Identifier: Apache-2.0 */
#include "warning.h"

#include <string.h>

#include "vfmon/cleanup.h"
#include "vfmon/keys.h"
#include "vfmon/names.h"

/* The files of the configuration; *ret_reply keeps them alive. */
static enum exit_status ask_for_files(struct query *q, struct reply *ret_reply,
				      const struct value **ret)
{
	enum exit_status status;

	(void)query_begin(q, METHOD_GET_STATUS); /* it has no parameters */
	status = query_one(q, ret_reply);
	if (status == EXIT_STATUS_YES)
		*ret = value_member(value_member(ret_reply->parameters, KEY_STATUS),
				    KEY_CONFIG_FILES);
	return status;
}

static bool is_found(const struct value *findings, const char *path)
{
	for (size_t i = 0; i < value_count(findings); i++) {
		const char *file = value_text(value_at(findings, i), KEY_FILE);

		if (file && strcmp(file, path) == 0)
			return true;
	}
	return false;
}

enum exit_status warning_of_own_files(struct query *q, const struct value *findings,
				      size_t *ret_count)
{
	cleanup_(reply_done) struct reply reply = { 0 };
	const struct value *files = NULL;
	enum exit_status status = q->host ? EXIT_STATUS_YES : ask_for_files(q, &reply, &files);
	size_t count = 0;

	for (size_t i = 0; i < value_count(files); i++) {
		const char *path = value_text(value_at(files, i), KEY_PATH);
		const char *error = value_text(value_at(files, i), KEY_ERROR);

		if (!path || !error || is_found(findings, path))
			continue;
		fprintf(stderr, "vfmonctl: %s\n", error);
		count++;
	}
	*ret_count = count;
	return status;
}

enum exit_status warning_of_configuration(struct query *q)
{
	cleanup_(reply_done) struct reply reply = { 0 };
	const struct value *files;
	enum exit_status status;

	if (q->host)
		return EXIT_STATUS_YES;
	status = ask_for_files(q, &reply, &files);
	if (status != EXIT_STATUS_YES)
		return status;
	for (size_t i = 0; i < value_count(files); i++) {
		const char *path = value_text(value_at(files, i), KEY_PATH);

		if (path && value_text(value_at(files, i), KEY_ERROR))
			fprintf(stderr,
				"vfmonctl: %s is refused, so that an older configuration or none "
				"is in force: vfmonctl check tells why\n",
				path);
	}
	return EXIT_STATUS_YES;
}
