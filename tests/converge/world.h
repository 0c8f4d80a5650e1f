/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated host of a run: the simulator's model, its tree in a folder, and the way of the
 * events from there, with faults. All but the namespaces of vfmond-sim.
 */
#ifndef VFMON_TEST_WORLD_H
#define VFMON_TEST_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../sim/faults.h"
#include "../../sim/host.h"
#include "../../sim/tree.h"

#define WORLD_PATH_MAX 128

/* udev's copy of an event, which comes later. */
struct udev_copy {
	uint64_t due_usec;
	uint64_t seqnum;
	size_t size;
	char text[3072];
};

#define UDEV_COPIES_MAX 64

struct world {
	char path[WORLD_PATH_MAX];
	char sysfs[WORLD_PATH_MAX + 16], dev[WORLD_PATH_MAX + 16], proc[WORLD_PATH_MAX + 16];
	char modules_alias[WORLD_PATH_MAX + 32];
	int fd;
	struct tree tree;
	struct host *host;
	struct faults faults;
	uint64_t seqnum;
	bool listening; /* somebody hears events */
	/* Something has happened that no event, no inotify and no loss tells of. */
	bool silent;
	bool deaf; /* nobody listens to files */
	/* How late udev is with its copy of an event; UINT64_MAX: there is no udev. */
	uint64_t udev_after_usec;
	struct udev_copy *copies;
	size_t copy_count;
	/* Called after each move that can be seen from outside. */
	void (*after_move)(void *arg);
	void *arg;
};

/* In a new folder below base, which is a tmpfs. Ends the program if it can not be made. */
void world_init(struct world *w, const char *base);
void world_done(struct world *w);

/* Plays one line. Returns 0, or -EINVAL if the host refuses it or it is wrong; then nothing was done. */
int world_play(struct world *w, const char *line);

/* Sends late events that are due. */
void world_release(struct world *w);

/* Sends what waits for a partner that does not come. */
void world_flush(struct world *w);

/* When something late is due next; UINT64_MAX: never. */
uint64_t world_next_usec(const struct world *w);

/* Takes a copy that is due. Returns whether there was one. */
bool world_take_copy(struct world *w, struct udev_copy *ret);

#endif
