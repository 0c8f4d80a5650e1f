/* SPDX-License-Identifier: Apache-2.0 */
#include "plan.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* In front of a line's chaos; a comment for the simulator. */
#define CHAOS_MARK " #~"
#define SPECS_MARK "#! specs "
#define SUBSCRIBER_MARK "#! subscriber "
#define HOST_FORMAT                                                                                \
	"#! plan seed=%" SCNu64 " queue=%zu history=%zu udev=%" SCNu32 " files=%" SCNu32           \
	" audit=%" SCNu32 " mends=%d deaf=%d all=%d nodes=%d"
#define SUBSCRIBER_FORMAT                                                                          \
	SUBSCRIBER_MARK "room=%" SCNu32 " speed=%" SCNu32 " idle=%" SCNu32 " reconnect=%" SCNu32   \
			" odd=%" SCNu32 " chaos=%" SCNx64 " filter=%n"

void plan_print(const struct plan *p, FILE *out)
{
	const struct subscriber_plan *s;

	(void)fprintf(out,
		      "#! plan seed=%" PRIu64 " queue=%zu history=%zu udev=%" PRIu32
		      " files=%" PRIu32 " audit=%" PRIu32 " mends=%d deaf=%d all=%d nodes=%d\n",
		      p->seed, p->queue, p->history, p->udev_msec, p->files_a_turn, p->audit_sec,
		      p->audit_mends, p->deaf, p->all_functions, p->group_nodes);
	if (p->specs[0])
		(void)fprintf(out, SPECS_MARK "%s\n", p->specs);
	for (size_t i = 0; i < p->subscriber_count; i++) {
		s = &p->subscribers[i];
		(void)fprintf(out,
			      SUBSCRIBER_MARK "room=%" PRIu32 " speed=%" PRIu32 " idle=%" PRIu32
					      " reconnect=%" PRIu32 " odd=%" PRIu32
					      " chaos=%" PRIx64 " filter=%s\n",
			      s->room, s->speed, s->idle, s->reconnect, s->odd, s->chaos,
			      s->filter);
	}
	for (size_t i = 0; i < p->line_count; i++)
		(void)fprintf(out, "%s" CHAOS_MARK "%" PRIx64 "\n", p->lines[i].text,
			      p->lines[i].chaos);
}

static bool read_host(struct plan *p, const char *line)
{
	int mends, deaf, all, nodes;

	if (sscanf(line, HOST_FORMAT, &p->seed, &p->queue, &p->history, &p->udev_msec,
		   &p->files_a_turn, &p->audit_sec, &mends, &deaf, &all, &nodes) != 10)
		return false;
	p->audit_mends = mends;
	p->deaf = deaf;
	p->all_functions = all;
	p->group_nodes = nodes;
	return true;
}

static bool read_subscriber(struct plan *p, const char *line)
{
	struct subscriber_plan *s = &p->subscribers[p->subscriber_count];
	int end = 0;

	if (p->subscriber_count == PLAN_SUBSCRIBERS_MAX ||
	    sscanf(line, SUBSCRIBER_FORMAT, &s->room, &s->speed, &s->idle, &s->reconnect, &s->odd,
		   &s->chaos, &end) != 6 ||
	    end == 0 || strlen(line + end) >= sizeof(s->filter))
		return false;
	memcpy(s->filter, line + end, strlen(line + end) + 1);
	p->subscriber_count++;
	return true;
}

/* A line without a mark may have been written by hand. */
static bool read_line(struct plan *p, char *line)
{
	struct plan_line *l = &p->lines[p->line_count];
	char *mark = strstr(line, CHAOS_MARK);

	if (p->line_count == PLAN_LINES_MAX)
		return false;
	*l = (struct plan_line){ .chaos = p->line_count };
	if (mark && sscanf(mark + strlen(CHAOS_MARK), "%" SCNx64, &l->chaos) != 1)
		return false;
	if (mark)
		*mark = '\0';
	if (strlen(line) >= sizeof(l->text))
		return false;
	memcpy(l->text, line, strlen(line) + 1);
	p->line_count++;
	return true;
}

static bool take_line(struct plan *p, char *line)
{
	if (strncmp(line, "#! plan ", 8) == 0)
		return read_host(p, line);
	if (strncmp(line, SUBSCRIBER_MARK, strlen(SUBSCRIBER_MARK)) == 0)
		return read_subscriber(p, line);
	if (strncmp(line, SPECS_MARK, strlen(SPECS_MARK)) == 0) {
		line += strlen(SPECS_MARK);
		if (strlen(line) >= sizeof(p->specs))
			return false;
		memcpy(p->specs, line, strlen(line) + 1);
		return true;
	}
	if (line[0] == '\0' || (line[0] == '#' && line[1] != '!'))
		return true;
	return read_line(p, line);
}

int plan_read(struct plan *p, FILE *in, unsigned int *ret_line)
{
	char line[1024];

	*p = (struct plan){ .history = 1 << 20, .udev_msec = UINT32_MAX };
	for (*ret_line = 1; fgets(line, sizeof(line), in); ++*ret_line) {
		line[strcspn(line, "\n")] = '\0';
		if (!take_line(p, line))
			return -EINVAL;
	}
	return 0;
}
