/* SPDX-License-Identifier: Apache-2.0 */
/* Creates, wires and tears down everything; the only place that knows both sources and publisher. */
#ifndef VFMOND_DAEMON_H
#define VFMOND_DAEMON_H

struct options;

/* Runs until it is asked to stop. Returns the exit status: 0, or 1 if it could not run. */
int daemon_run(const struct options *options);

#endif
