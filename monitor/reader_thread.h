/* SPDX-License-Identifier: Apache-2.0 */
/* What a thread of the reader does: takes commands out of the queue, and carries them out. */
#ifndef VFMON_MONITOR_READER_THREAD_H
#define VFMON_MONITOR_READER_THREAD_H

#include <pthread.h>

#include "reader_queue.h"
#include "sysfs.h"

struct reader_thread;

/*
 * With a reference of the queue and a reader of sysfs of its own. rules is copied (NULL: none). Returns
 * 0, -ENOMEM or the error of opening the sysfs folder.
 */
int reader_thread_new(struct reader_queue *q, const struct sysfs_options *options,
		      const struct vendor_rules *rules, struct reader_thread **ret);

/* Takes NULL. Returns NULL. Not for one that was started, which frees itself at its end. */
struct reader_thread *reader_thread_free(struct reader_thread *t);

/* Starts it, with all signals blocked; it keeps task, and owns itself now. Returns 0 or -errno. */
int reader_thread_start(struct reader_thread *t, struct reader_task *task, pthread_t *ret);

#endif
