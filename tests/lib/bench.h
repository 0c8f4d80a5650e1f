/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the programs of `make bench` share: the daemon as a child, a subscriber, changes on demand,
 * and the lines of the result. Whatever fails ends the program. Linux only and root, or root in
 * vfmond-sim.
 */
#ifndef VFMON_TESTS_BENCH_H
#define VFMON_TESTS_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct bench_daemon {
	pid_t pid;
	char folder[64];
	char socket[128];
	uint64_t ready_wall_nsec; /* from fork to READY=1 */
	uint64_t ready_cpu_nsec;
};

/*
 * Starts a daemon and waits until it says that it is ready. extra is one more option, or NULL.
 * BENCH_DAEMON in the environment is the program.
 */
void bench_daemon_start(struct bench_daemon *d, const char *extra);
void bench_daemon_stop(struct bench_daemon *d);

/*
 * Waits until the daemon has nothing to do: links that it found without a `bind` event are read
 * again until 10 s after the first scan.
 */
void bench_daemon_settle(const struct bench_daemon *d);

/* CPU that a process has used, all threads; 0 is this one. */
uint64_t bench_cpu_nsec(pid_t pid);
uint64_t bench_wall_nsec(void);

/* A number of /proc/PID/status, such as "RssAnon:"; 0 if it is not there. */
uint64_t bench_status_number(pid_t pid, const char *key);

/* A client: connects, sends one call with "more", and takes what comes. */
struct bench_client {
	int fd;
	size_t len;   /* of what is in buffer */
	size_t taken; /* of it, by the last bench_client_next() */
	char *buffer;
};
void bench_client_call(struct bench_client *c, const struct bench_daemon *d, const char *method);
/* The next message with its NUL, valid until the next call. *ret_size includes the NUL. */
const char *bench_client_next(struct bench_client *c, size_t *ret_size);
void bench_client_done(struct bench_client *c);

/* A stream of single changes of functions' driver_override, each with one uevent. */
struct bench_stimulus {
	char (*names)[16];
	char (*paths)[256];  /* in sysfs */
	char (*drivers)[64]; /* what is written, and taken back the next time */
	bool *is_set;
	size_t count;
	size_t next;
	bool is_simulated;
	int netlink;
};

/*
 * In the simulator: all VFs. On a real host, where nothing may be harmed: functions that have a
 * driver, which gets named as their override. Returns false if there is none that can be written.
 */
bool bench_stimulus_init(struct bench_stimulus *s);
/* Changes one function, and has the kernel say so. */
void bench_stimulus_fire(struct bench_stimulus *s);
/* Takes back what was written. */
void bench_stimulus_done(struct bench_stimulus *s);

/* One line of the result: "what<TAB>vfmond<TAB>least<TAB>ratio<TAB>budget". */
void bench_print_ratio(const char *what, double vfmond, double least, double budget);
/* The same for a bound that is no ratio. */
void bench_print_bound(const char *what, const char *unit, double value, double budget);

#endif
