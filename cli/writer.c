/* SPDX-License-Identifier: Apache-2.0 */
#include "writer.h"

#include <errno.h>
#include <stdlib.h>

int writer_open(struct writer *w)
{
	*w = (struct writer){ 0 };
	w->out = open_memstream(&w->text, &w->len);
	return w->out ? 0 : -ENOMEM;
}

int writer_close(struct writer *w)
{
	int failed = ferror(w->out);

	failed |= fclose(w->out);
	w->out = NULL;
	return failed ? -ENOMEM : 0;
}

void writer_done(struct writer *w)
{
	if (w->out)
		(void)fclose(w->out);
	free(w->text);
	*w = (struct writer){ 0 };
}
