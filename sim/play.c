/* SPDX-License-Identifier: Apache-2.0 */
#include "play.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "namespace.h"
#include "notify.h"
#include "play_state.h"
#include "play_step.h"
#include "uevent_socket.h"

static int ignore_move(const struct move *move, void *arg)
{
	(void)move;
	(void)arg;
	return 0;
}

static void print_error(const char *name, const struct scenario_error *error)
{
	(void)fprintf(stderr, "%s:%u:%u: %s\n", name, error->line, error->column, error->text);
}

/* One line on a host that only exists in memory. Returns 0 or a negative error. */
static int check_line(struct host *host, const struct scenario_line *line, bool *started,
		      struct scenario_error *error)
{
	struct step step;
	int r = scenario_parse_line(line, &step, error);

	if (r <= 0)
		return r;
	r = play_step_check(&step, *started, error);
	if (r < 0)
		return r;
	*started |= step.kind == STEP_START;
	return host_perform(host, &step, error);
}

int play_check(struct source *source, const char *name)
{
	cleanup_(host_freep) struct host *host = NULL;
	struct scenario_error error = { .line = 0 };
	struct scenario_line line;
	bool started = false;
	int r;

	if (!source->whole)
		return 0;
	r = host_new(ignore_move, NULL, &host);
	while (r == 0 && source_next(source, &line))
		r = check_line(host, &line, &started, &error);
	if (r < 0 && error.text[0])
		print_error(name, &error);
	else if (r < 0)
		(void)fprintf(stderr, "vfmond-sim: %s: %s\n", name, strerror(-r));
	source_rewind(source);
	return r;
}

static int send_event(const char *text, size_t size, void *arg)
{
	const struct play *p = arg;

	return uevent_socket_send(p->uevent_fd, text, size);
}

static int on_move(const struct move *move, void *arg)
{
	struct play *p = arg;

	if (move->kind != MOVE_EVENT)
		return tree_apply(&p->tree, move);
	/* Before the command starts there is nobody who could hear it. */
	if (p->command.pid == 0)
		return 0;
	return faults_pass(&p->faults, move->text, move->size, play_now_usec());
}

static int block_signals(struct play *p)
{
	sigset_t signals;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGCHLD);
	(void)sigaddset(&signals, SIGUSR1);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGHUP);
	(void)sigaddset(&signals, SIGINT);
	if (sigprocmask(SIG_BLOCK, &signals, &p->signals_before) < 0)
		return -errno;
	p->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	return p->signal_fd < 0 ? -errno : 0;
}

/* Prints why nothing can be played. Returns r. */
static int explain(const char *what, int r)
{
	(void)fprintf(stderr, "vfmond-sim: %s: %s\n", what, strerror(-r));
	return r;
}

/* The namespaces, the empty host in them, and the socket for its events. */
static int build(struct play *p)
{
	struct namespace_problem problem = { .text = "" };
	int r = namespace_enter(&p->root_fd, &problem);

	if (r < 0)
		return explain(problem.text, r);
	r = tree_init(&p->tree, p->root_fd);
	if (r == 0)
		r = host_new(on_move, p, &p->host);
	if (r == 0)
		r = host_build(p->host);
	if (r < 0)
		return explain("make the tree", r);
	r = namespace_show(p->root_fd, &problem);
	if (r < 0)
		return explain(problem.text, r);
	p->uevent_fd = uevent_socket_open();
	if (p->uevent_fd < 0)
		return explain("open a socket for events", p->uevent_fd);
	r = command_set_environment();
	if (r == 0 && p->options->notify)
		r = p->notify_fd = notify_open();
	return r < 0 ? explain("prepare the command", r) : 0;
}

static int refuse_line(struct play *p, const struct scenario_error *error)
{
	p->refused = true;
	print_error(p->options->scenario, error);
	play_acknowledge(p, "error %u:%u %s", error->line, error->column, error->text);
	return 0;
}

/* Returns 0, 1 if the play ends here, or -errno. */
static int play_line(struct play *p, const struct scenario_line *line)
{
	struct scenario_error error = { .line = 0 };
	struct step step;
	int r = scenario_parse_line(line, &step, &error);

	if (r == 0)
		return 0;
	if (r > 0)
		r = play_step(p, &step, &error);
	return r < 0 && error.text[0] ? refuse_line(p, &error) : r;
}

/* Plays until the last line, `stop` or `end`. Returns 0 or -errno. */
static int play_lines(struct play *p)
{
	struct scenario_line line;
	int r = 0;

	while (r == 0) {
		if (source_next(p->source, &line)) {
			r = play_line(p, &line);
			/* Looks at signals and late events without waiting. */
			if (r == 0)
				r = play_wait(p, 0, -1);
		} else if (source_is_at_end(p->source)) {
			return 0;
		} else {
			r = play_wait(p, PLAY_FOREVER, p->source->fd);
			r = r > 0 ? source_read(p->source) : r;
		}
	}
	return r < 0 ? r : 0;
}

/* What is still to be sent, then the command until it ends. */
static int play_rest(struct play *p)
{
	int r = faults_flush(&p->faults);

	if (r == 0 && p->command.pid == 0)
		r = play_start(p);
	while (r == 0 && faults_next_usec(&p->faults) != FAULTS_NOTHING_LATE)
		r = play_wait(p, faults_next_usec(&p->faults), -1);
	if (r == 0)
		play_acknowledge(p, "played");
	while (r == 0)
		r = play_wait(p, PLAY_FOREVER, -1);
	return r;
}

/* After the play was broken off: nothing of it stays behind. */
static void play_abandon(struct play *p)
{
	play_stop(p);
	while (p->command.pid != 0 && !p->command.ended)
		(void)play_wait(p, PLAY_FOREVER, -1);
}

static int play_status(const struct play *p, int r)
{
	if (r < 0 && r != -ECANCELED)
		return PLAY_STATUS_FAILED;
	if (p->refused)
		return PLAY_STATUS_REFUSED;
	return p->command.ended ? p->command.status : PLAY_STATUS_FAILED;
}

static void play_done(struct play *p)
{
	int fds[] = { p->uevent_fd, p->signal_fd, p->ack_fd, p->root_fd, p->notify_fd };

	faults_done(&p->faults);
	tree_done(&p->tree);
	p->host = host_free(p->host);
	for (size_t n = 0; n < sizeof(fds) / sizeof(fds[0]); n++)
		if (fds[n] >= 0)
			(void)close(fds[n]);
}

int play_run(struct source *source, const struct play_options *options)
{
	struct play p = { .options = options,
			  .source = source,
			  .root_fd = -1,
			  .uevent_fd = -1,
			  .signal_fd = -1,
			  .ack_fd = -1,
			  .notify_fd = -1 };
	int r, status;

	p.faults.send = send_event;
	p.faults.arg = &p;
	r = play_open_acknowledgements(&p);
	if (r < 0)
		(void)explain(options->ack, r);
	if (r == 0)
		r = block_signals(&p);
	if (r == 0)
		r = build(&p);
	if (r == 0) {
		r = play_lines(&p);
		r = r < 0 ? r : play_rest(&p);
		if (r < 0 && r != -ECANCELED)
			(void)explain("play", r);
		play_abandon(&p);
	}
	status = play_status(&p, r);
	play_acknowledge(&p, "exit %d", status);
	play_done(&p);
	return status;
}
