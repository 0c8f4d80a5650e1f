/* SPDX-License-Identifier: Apache-2.0 */
/* What json_check() lets pass, json-c must read as an object, whichever version it is. */
#include <errno.h>
#include <json-c/json.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "vfmon/json_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_SIZE 65536

static void read_by_json_c(const char *text, size_t len)
{
	struct json_tokener *tokener = json_tokener_new_ex(JSON_CHECK_DEPTH + 1);
	struct json_object *object;

	if (!tokener)
		return;
	object = json_tokener_parse_ex(tokener, text, (int)len + 1);
	if (json_tokener_get_error(tokener) != json_tokener_success ||
	    !json_object_is_type(object, json_type_object))
		abort();
	json_object_put(object);
	json_tokener_free(tokener);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;
	int r;

	if (size > MAX_SIZE)
		return 0;
	text = malloc(size + 1);
	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	r = json_check(text, size, 1000);
	if (r == 0)
		read_by_json_c(text, size);
	else if (r != -EBADMSG && r != -EILSEQ && r != -ENOTUNIQ && r != -E2BIG)
		abort();
	free(text);
	return 0;
}
