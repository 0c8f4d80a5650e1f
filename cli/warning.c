/* SPDX-License-Identifier: Apache-2.0 */
#include "warning.h"

#include "vfmon/cleanup.h"
#include "vfmon/keys.h"
#include "vfmon/names.h"

enum exit_status warning_of_configuration(struct query *q)
{
	cleanup_(reply_done) struct reply reply = { 0 };
	const struct value *files;
	enum exit_status status;

	if (q->host)
		return EXIT_STATUS_YES;
	(void)query_begin(q, METHOD_GET_STATUS); /* it has no parameters */
	status = query_one(q, &reply);
	if (status != EXIT_STATUS_YES)
		return status;
	files = value_member(value_member(reply.parameters, KEY_STATUS), KEY_CONFIG_FILES);
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
