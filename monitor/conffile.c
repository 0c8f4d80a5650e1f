/* SPDX-License-Identifier: Apache-2.0 */
#include "conffile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "moment.h"
#include "problem.h"
#include "vfmon/cleanup.h"
#include "wholefile.h"

static void free_text(char **text)
{
	free(*text);
}

static void forget(struct conffile *f)
{
	f->seen = config_free(f->seen);
	free(f->unreadable);
	f->unreadable = NULL;
}

static int parse(struct conffile *f, const char *bytes, size_t len)
{
	int r = config_parse(f->path, bytes, len, &f->seen);

	if (r < 0)
		return r;
	for (size_t i = 0; i < f->seen->problem_count; i++)
		problem_log(f->path, f->seen->problems[i].line, f->seen->problems[i].column,
			    f->seen->problems[i].reason);
	return f->seen->broken && f->in_force ? 0 : 1;
}

static int note_unreadable(struct conffile *f, const char *reason)
{
	problem_log(f->path, 0, 0, reason);
	f->unreadable = strdup(reason);
	if (!f->unreadable)
		return -ENOMEM;
	return f->in_force ? 0 : parse(f, NULL, 0);
}

int conffile_read(struct conffile *f)
{
	cleanup_(free_text) char *bytes = NULL;
	size_t len = 0;
	int r = wholefile_read(f->path, WHOLEFILE_FOLLOW, &bytes, &len);

	forget(f);
	if (r == -ENOMEM)
		return r;
	if (r == 0 || (r == -ENOENT && !f->must_exist))
		return parse(f, bytes, len);
	return note_unreadable(f, wholefile_reason(r));
}

struct config *conffile_take(struct conffile *f)
{
	struct config *old = f->in_force;

	f->in_force = TAKE_PTR(f->seen);
	if (!f->unreadable)
		f->loaded_usec = clock_usec(CLOCK_REALTIME);
	return old;
}

void conffile_done(struct conffile *f)
{
	forget(f);
	f->in_force = config_free(f->in_force);
}
