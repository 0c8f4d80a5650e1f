/* SPDX-License-Identifier: Apache-2.0 */
/*
 * converge [--seeds N] [--first K] [--jobs N] [--no-shrink]   the plans of the seeds K to K + N - 1
 * converge --show K                             prints the plan of a seed
 * converge --play FILE                          plays a plan as it was printed
 *
 * CONVERGE_TRACE=1 in the environment shows with --play what each subscriber asks and gets. A seed
 * that fails is made shorter and printed. The last line says how many passed and failed.
 */
#include <ftw.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/magic.h>

#include "clock.h"
#include "run.h"
#include "shrink.h"

/* So many failures are made shorter; all are counted. */
#define SHRUNK_MAX 3
/* No run takes so long; one that hangs is ended. */
#define RUN_SECONDS 60
#define JOBS_MAX 64

/* Of one child; shared with the parent. */
struct share {
	struct failure failure;
	struct run_counts counts;
	uint64_t next; /* seed that it runs next */
};

struct options {
	uint64_t seeds, first;
	unsigned int jobs;
	const char *show, *play;
	bool no_shrink;
};

static char base[64];
static struct share *shares;

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

static void remove_base(void)
{
	(void)nftw(base, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Only a tmpfs gives each directory an inode number of its own, as sysfs does. */
static void make_base(void)
{
	struct statfs fs;

	(void)snprintf(base, sizeof(base), "/dev/shm/vfmon-converge-XXXXXX");
	if (!mkdtemp(base) || statfs(base, &fs) < 0 || fs.f_type != TMPFS_MAGIC) {
		(void)fprintf(stderr, "converge: /dev/shm is no tmpfs that can be written to\n");
		exit(EXIT_FAILURE);
	}
}

/* In a child, so that what crashes or hangs is a failure like any other. */
static bool plan_fails(const struct plan *p, void *arg)
{
	struct share *share = arg;
	int status;
	pid_t pid;

	(void)fflush(NULL);
	share->failure.seed = p->seed;
	failure_begin(&share->failure);
	pid = fork();
	if (pid == 0) {
		(void)alarm(RUN_SECONDS);
		run_plan(p, base, &share->counts);
		exit(failure_is());
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		abort();
	if (WIFSIGNALED(status))
		fail("ends with signal %d%s", WTERMSIG(status),
		     WTERMSIG(status) == SIGALRM ? ": it hangs" : "");
	else if (WEXITSTATUS(status) > 1)
		fail("ends with status %d", WEXITSTATUS(status));
	return failure_is();
}

static void report(struct plan *p, struct share *share, bool shorten)
{
	(void)printf("not ok: seed %llu: %s\n", (unsigned long long)p->seed, share->failure.text);
	if (!shorten)
		return;
	(void)fflush(stdout);
	/* One that fails only now and then stays as it is. */
	if (plan_fails(p, share))
		shrink(p, plan_fails, share);
	if (!plan_fails(p, share))
		(void)printf("# it does not fail each time\n");
	(void)printf("# shortened: %s\n", share->failure.text);
	(void)printf("# again: make check-converge FIRST=%llu SEEDS=1\n",
		     (unsigned long long)p->seed);
	(void)printf("# this alone: converge --play FILE, with these lines:\n");
	plan_print(p, stdout);
}

/* A child's seeds: every jobs-th. Ends after a failure, as nobody knows what that left behind. */
static void __attribute__((noreturn)) run_seeds(const struct options *o, struct share *share)
{
	static struct plan plan;
	uint64_t end = o->first + o->seeds;

	for (; share->next < end; share->next += o->jobs) {
		share->failure.seed = share->next;
		failure_begin(&share->failure);
		(void)alarm(RUN_SECONDS);
		plan_generate(&plan, share->next);
		run_plan(&plan, base, &share->counts);
		if (failure_is())
			exit(EXIT_FAILURE);
	}
	exit(EXIT_SUCCESS);
}

static pid_t start_child(const struct options *o, struct share *share)
{
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	if (pid < 0)
		abort();
	if (pid == 0)
		run_seeds(o, share);
	return pid;
}

static void print_counts(const struct options *o)
{
	struct run_counts sum = { 0 };

	for (unsigned int i = 0; i < o->jobs; i++) {
		const struct run_counts *c = &shares[i].counts;

		sum.changes += c->changes;
		sum.lost += c->lost;
		sum.silent += c->silent;
		sum.audited += c->audited;
		sum.resyncs += c->resyncs;
		sum.restarts += c->restarts;
		sum.resumes += c->resumes;
		sum.snapshots += c->snapshots;
		sum.merged += c->merged;
		sum.torn += c->torn;
	}
	(void)printf(
		"%llu changes, %llu of them merged for somebody; %llu events lost in full "
		"queues, %llu runs with loss nobody tells of, %llu of them mended by the audit, "
		"%llu rescans; %llu restarts; "
		"%llu snapshots, %llu resumptions; %llu times the host moved during a read\n",
		(unsigned long long)sum.changes, (unsigned long long)sum.merged,
		(unsigned long long)sum.lost, (unsigned long long)sum.silent,
		(unsigned long long)sum.audited, (unsigned long long)sum.resyncs,
		(unsigned long long)sum.restarts, (unsigned long long)sum.snapshots,
		(unsigned long long)sum.resumes, (unsigned long long)sum.torn);
}

static int run_all(const struct options *o)
{
	static struct plan plan;
	pid_t pids[JOBS_MAX];
	uint64_t failed = 0, begin = clock_wall_usec();
	unsigned int running = o->jobs;
	int status;

	for (unsigned int i = 0; i < o->jobs; i++) {
		shares[i].next = o->first + i;
		pids[i] = start_child(o, &shares[i]);
	}
	while (running > 0) {
		pid_t pid = wait(&status);
		unsigned int i = 0;

		while (i < o->jobs && pids[i] != pid)
			i++;
		if (i == o->jobs)
			continue;
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
			running--;
			continue;
		}
		if (WIFSIGNALED(status))
			(void)snprintf(shares[i].failure.text, sizeof(shares[i].failure.text),
				       "ends with signal %d", WTERMSIG(status));
		plan_generate(&plan, shares[i].failure.seed);
		report(&plan, &shares[i], failed++ < SHRUNK_MAX && !o->no_shrink);
		shares[i].next = plan.seed + o->jobs;
		pids[i] = start_child(o, &shares[i]);
	}
	print_counts(o);
	(void)printf("%llu seeds from %llu, %.1f s\n", (unsigned long long)o->seeds,
		     (unsigned long long)o->first, (double)(clock_wall_usec() - begin) / 1e6);
	(void)printf("%llu passed, %llu failed\n", (unsigned long long)(o->seeds - failed),
		     (unsigned long long)failed);
	return failed > 0;
}

static int play(const char *path)
{
	static struct plan plan;
	FILE *file = fopen(path, "re");
	unsigned int line;

	if (!file) {
		perror(path);
		return EXIT_FAILURE;
	}
	if (plan_read(&plan, file, &line) < 0) {
		(void)fprintf(stderr, "%s:%u: this is no line of a plan\n", path, line);
		return EXIT_FAILURE;
	}
	(void)fclose(file);
	failure_begin(&shares[0].failure);
	run_plan(&plan, base, &shares[0].counts);
	(void)printf("%s\n%d passed, %d failed\n", shares[0].failure.text, !failure_is(),
		     failure_is());
	return failure_is();
}

static int parse_options(int argc, char **argv, struct options *o)
{
	static const struct option known[] = {
		{ "seeds", required_argument, NULL, 's' },
		{ "first", required_argument, NULL, 'f' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "show", required_argument, NULL, 'S' },
		{ "play", required_argument, NULL, 'p' },
		{ "no-shrink", no_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == 's')
			o->seeds = strtoull(optarg, NULL, 10);
		else if (option == 'f')
			o->first = strtoull(optarg, NULL, 10);
		else if (option == 'j')
			o->jobs = (unsigned int)strtoul(optarg, NULL, 10);
		else if (option == 'S')
			o->show = optarg;
		else if (option == 'p')
			o->play = optarg;
		else if (option == 'n')
			o->no_shrink = true;
		else
			return -1;
	}
	if (o->jobs == 0 || o->jobs > JOBS_MAX)
		o->jobs = 1;
	return 0;
}

int main(int argc, char **argv)
{
	struct options o = { .seeds = 100, .jobs = (unsigned int)sysconf(_SC_NPROCESSORS_ONLN) };
	static struct plan plan;
	int status;

	if (parse_options(argc, argv, &o) < 0)
		return 2;
	if (o.show) {
		plan_generate(&plan, strtoull(o.show, NULL, 10));
		plan_print(&plan, stdout);
		return 0;
	}
	shares = mmap(NULL, o.jobs * sizeof(*shares), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shares == MAP_FAILED)
		return EXIT_FAILURE;
	make_base();
	status = o.play ? play(o.play) : run_all(&o);
	remove_base();
	return status;
}
