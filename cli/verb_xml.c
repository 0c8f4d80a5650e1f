/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs.h"

#include <errno.h>

#include "vfmon/keys.h"
#include "vfmon/names.h"

/*
 * As it is, for virsh to read: line breaks stay. XML has no other control character, so one that
 * comes is not Nova's, and would only command a terminal.
 */
static void print_text(const char *text, FILE *out)
{
	char last = '\n';

	for (const unsigned char *u = (const unsigned char *)text; *u; u++) {
		bool c1 = u[0] == 0xc2 && u[1] >= 0x80 && u[1] <= 0x9f;
		bool control = (u[0] < 0x20 && u[0] != '\n' && u[0] != '\t') || u[0] == 0x7f || c1;

		u += c1;
		last = (char)(control ? '?' : *u);
		(void)putc(last, out);
	}
	if (last != '\n')
		(void)putc('\n', out);
}

enum exit_status verb_xml(const struct options *o)
{
	cleanup_(query_close) struct query q = { 0 };
	cleanup_(reply_done) struct reply reply = { 0 };
	enum exit_status status = query_open_exact(o, &q);
	struct json_text *call;
	const char *xml;

	if (status != EXIT_STATUS_YES)
		return status;
	call = query_begin(&q, METHOD_DESCRIBE_HOSTDEV);
	json_text_key(call, KEY_ADDRESS);
	json_text_string(call, o->selection.lists[SELECTION_ADDRESSES].items[0]);
	status = query_one(&q, &reply);
	if (status != EXIT_STATUS_YES)
		return status;
	xml = value_text(reply.parameters, KEY_XML);
	if (!xml)
		return query_failed(&q, -EBADMSG);
	if (!o->json) {
		print_text(xml, stdout);
		return EXIT_STATUS_YES;
	}
	if (value_print(reply.parameters, stdout) < 0)
		return query_no_memory();
	printf("\n");
	return EXIT_STATUS_YES;
}
