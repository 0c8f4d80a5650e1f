/* SPDX-License-Identifier: Apache-2.0 */
#include "shared_text.h"

#include <errno.h>
#include <stdlib.h>

#include "vfmon/json_text.h"

int shared_text_new(struct json_text *text, struct shared_text **ret)
{
	struct shared_text *t = malloc(sizeof(*t));

	if (!t)
		return -ENOMEM;
	*t = (struct shared_text){ .refs = 1, .len = text->len, .data = text->data };
	json_text_init(text);
	*ret = t;
	return 0;
}

struct shared_text *shared_text_ref(struct shared_text *text)
{
	text->refs++;
	return text;
}

struct shared_text *shared_text_unref(struct shared_text *text)
{
	if (text && --text->refs == 0) {
		free(text->data);
		free(text);
	}
	return NULL;
}
