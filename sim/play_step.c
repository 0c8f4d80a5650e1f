/* SPDX-License-Identifier: Apache-2.0 */
#include "play_step.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* How often `wait-for` looks. */
#define LOOK_USEC 5000

#define END_OF_PLAY 1

int play_step_check(const struct step *step, bool started, struct scenario_error *ret_error)
{
	const char *text = NULL;

	if (step->kind == STEP_START && started)
		text = "the command was started before";
	if (!started && (step->kind == STEP_STOP || step->kind == STEP_FREEZE ||
			 step->kind == STEP_THAW || step->kind == STEP_WAIT_FOR))
		text = "the command is not started yet: start must stand before this";
	if (!text)
		return 0;
	ret_error->line = step->line;
	ret_error->column = step->column[0];
	(void)snprintf(ret_error->text, sizeof(ret_error->text), "%s", text);
	return -EINVAL;
}

static int wait_for_path(struct play *p, const char *path)
{
	int r = 0;

	while (r == 0 && access(path, F_OK) < 0)
		r = play_wait(p, play_now_usec() + LOOK_USEC, -1);
	return r;
}

int play_start(struct play *p)
{
	int r = command_start(&p->command, p->options->command, &p->signals_before);

	while (r == 0 && p->options->notify && !p->ready)
		r = play_wait(p, play_now_usec() + LOOK_USEC, -1);
	return r == 0 && p->options->wait_for ? wait_for_path(p, p->options->wait_for) : r;
}

static int step_start(struct play *p, const struct step *step)
{
	int r = play_start(p);

	if (r == 0)
		play_acknowledge(p, "ok %u pid %d", step->line, (int)p->command.pid);
	return r;
}

static int step_stop(struct play *p, const struct step *step)
{
	(void)step;
	play_stop(p);
	return END_OF_PLAY;
}

static int step_end(struct play *p, const struct step *step)
{
	(void)p;
	(void)step;
	return END_OF_PLAY;
}

static int step_freeze(struct play *p, const struct step *step)
{
	(void)step;
	command_signal(&p->command, SIGSTOP);
	return 0;
}

static int step_thaw(struct play *p, const struct step *step)
{
	(void)step;
	command_signal(&p->command, SIGCONT);
	return 0;
}

static int step_wait_for(struct play *p, const struct step *step)
{
	return wait_for_path(p, step->text);
}

static int step_pause(struct play *p, const struct step *step)
{
	return play_wait(p, play_now_usec() + step->usec, -1);
}

static int step_say(struct play *p, const struct step *step)
{
	(void)p;
	(void)fprintf(stderr, "%s\n", step->text);
	return 0;
}

static int step_print(struct play *p, const struct step *step)
{
	(void)step;
	return play_print_model(p);
}

static int step_drop(struct play *p, const struct step *step)
{
	p->faults.drop = step->number;
	return 0;
}

static int step_duplicate(struct play *p, const struct step *step)
{
	p->faults.duplicate = step->number;
	return 0;
}

static int step_reorder(struct play *p, const struct step *step)
{
	/* What an earlier one still holds back would wait for ever. */
	int r = faults_flush(&p->faults);

	p->faults.reorder = step->number;
	return r;
}

static int step_delay(struct play *p, const struct step *step)
{
	p->faults.delay = step->number;
	p->faults.delay_usec = step->usec;
	return 0;
}

/* The steps that are not about the host. */
static int (*const steps[STEP_KIND_MAX_])(struct play *p, const struct step *step) = {
	[STEP_DROP] = step_drop,       [STEP_DUPLICATE] = step_duplicate,
	[STEP_REORDER] = step_reorder, [STEP_DELAY] = step_delay,
	[STEP_START] = step_start,     [STEP_STOP] = step_stop,
	[STEP_END] = step_end,	       [STEP_FREEZE] = step_freeze,
	[STEP_THAW] = step_thaw,       [STEP_WAIT_FOR] = step_wait_for,
	[STEP_PAUSE] = step_pause,     [STEP_SAY] = step_say,
	[STEP_PRINT] = step_print,
};

int play_step(struct play *p, const struct step *step, struct scenario_error *ret_error)
{
	int r = play_step_check(step, p->command.pid != 0, ret_error);

	if (r < 0)
		return r;
	r = steps[step->kind] ? steps[step->kind](p, step) : host_perform(p->host, step, ret_error);
	if (r < 0)
		return r;
	if (p->options->model && host_is_changed_by(step->kind) && play_print_model(p) < 0)
		return -EIO;
	/* `start` has said more already. */
	if (step->kind != STEP_START)
		play_acknowledge(p, "ok %u", step->line);
	return r;
}
