/* SPDX-License-Identifier: Apache-2.0 */
/* What goes wrong with events on their way: lost, late, twice, in another order. Pure. */
#ifndef VFMOND_SIM_FAULTS_H
#define VFMOND_SIM_FAULTS_H

#include <stddef.h>
#include <stdint.h>

/* Sends one event. Returns 0 or -errno. */
typedef int (*faults_send_fn)(const char *text, size_t size, void *arg);

struct waiting_event;

struct faults {
	faults_send_fn send;
	void *arg;
	/* how many of the next events each fault still is for */
	uint64_t drop;
	uint64_t duplicate;
	uint64_t delay;
	uint64_t reorder;
	uint64_t delay_usec;
	/* late ones, next one first */
	struct waiting_event *late;
	/* held back to be sent in reverse order, last one first */
	struct waiting_event *reversed;
};

#define FAULTS_NOTHING_LATE UINT64_MAX

/* Hands on an event, unless a fault says otherwise. Returns 0 or -errno. */
int faults_pass(struct faults *f, const char *text, size_t size, uint64_t now_usec);

/* Sends what is late and due by now. Returns 0 or -errno. */
int faults_release(struct faults *f, uint64_t now_usec);

/* When the next late event is due, or FAULTS_NOTHING_LATE. */
uint64_t faults_next_usec(const struct faults *f);

/* Sends what waits for a partner that does not come. Returns 0 or -errno. */
int faults_flush(struct faults *f);

void faults_done(struct faults *f);

#endif
